import { FaultlineError } from '../errors.js';
import type { Op } from '../history/op.js';
import { assign, DONE, pending, soonest, tell, type Branch } from './ask.js';
import { isClientThread } from './route.js';
import { concat } from './concat.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next, OpDraft, ThreadId, ThreadPredicate } from './types.js';

/**
 * Divides the client threads it may use, in order: the first `count` to the first source, the next to the second ..., and
 * all others (nemeses too) to `others`. It counts within its own threads, so it nests: `reserve([[4, reserve([[2, a]], b)]], c)`.
 * Asking throws FaultlineError `generator-no-thread` if there are fewer client threads than it divides.
 */
export function reserve(ranges: readonly (readonly [count: number, source: Source])[], others: Source = concat()): Generator {
  const split = splitter(ranges.map(([count]) => count));
  return new Reserve(split, [...ranges.map(([, source]) => source), others].map(lift), 0);
}

/** The predicates of the parts of a list of threads, the last part being the others. */
type Split = (threads: readonly ThreadId[]) => readonly ThreadPredicate[];

/** Remembers what it made: a list of threads is the same object as long as it is the same list. */
function splitter(counts: readonly number[]): Split {
  const known = new WeakMap<readonly ThreadId[], readonly ThreadPredicate[]>();
  return (threads) => {
    const parts = known.get(threads) ?? split(counts, threads);
    known.set(threads, parts);
    return parts;
  };
}

function split(counts: readonly number[], threads: readonly ThreadId[]): readonly ThreadPredicate[] {
  const available = threads.filter(isClientThread);
  const needed = counts.reduce((sum, count) => sum + count, 0);
  if (needed > available.length) {
    throw new FaultlineError('generator-no-thread', `reserve: ${needed} client threads are asked for, ${available.length} are there`, { hint: 'Raise the concurrency.' });
  }
  let from = 0;
  const parts = counts.map((count) => new Set<ThreadId>(available.slice(from, (from += count))));
  const rest = new Set(threads.filter((thread) => !parts.some((part) => part.has(thread))));
  return [...parts, rest].map((part) => (thread) => part.has(thread));
}

class Reserve implements Generator {
  constructor(
    private readonly split: Split,
    private readonly children: readonly (Generator | undefined)[],
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    const parts = this.split(context.threads);
    const branches = this.children.map((generator, i): Branch => {
      const own = context.on(parts[i] ?? none);
      return { generator: own.threads.length === 0 ? undefined : generator, context: own.at(i), weight: own.threads.length };
    });
    // Two draws each: which part, and which of its threads.
    const result = soonest(branches, () => context.draw(2 * this.draws));
    if (result.kind === 'done') return DONE;
    if (result.kind === 'pending') return pending(new Reserve(this.split, result.rests, this.draws), result.until);
    const op: OpDraft | undefined = assign(result.op, context.on(parts[result.index] ?? none), 2 * this.draws + 1);
    return op === undefined ? pending(this) : { kind: 'op', op, rest: new Reserve(this.split, result.rests, this.draws + 1) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    const thread = context.threadOf(event.process);
    if (thread === undefined) return this;
    const parts = this.split(context.threads);
    const at = parts.findIndex((part) => part(thread));
    const child = this.children[at];
    if (child?.update === undefined) return this;
    const updated = tell(child, context.on(parts[at] ?? none).at(at), event);
    return updated === child ? this : new Reserve(this.split, this.children.with(at, updated), this.draws);
  }
}

const none: ThreadPredicate = () => false;
