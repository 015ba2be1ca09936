import { FaultlineError } from '../errors.js';
import type { Key, Op } from '../history/op.js';
import { assign, DONE, pending, soonest, tell, withKey, type Branch } from './ask.js';
import { fromIterable } from './concat.js';
import { lazily } from './lazily.js';
import { map } from './map.js';
import { isClientThread } from './route.js';
import type { Source } from './source.js';
import type { Generator, GeneratorContext, Next, ThreadId, ThreadPredicate } from './types.js';

/** One key after the other, all threads on one: every operation of `source(key)` gets the key. Keys may be endless. */
export function sequentialKeys(keys: Iterable<Key>, source: (key: Key) => Source): Generator {
  return fromIterable(mapped(keys, (key) => keyed(key, source(key))));
}

/**
 * Several keys at a time: the client threads are divided into groups of `threadsPerKey` (what is left over is spread over
 * the groups), and each group works on a key of its own until the source of that key is done, then takes the next. A
 * source hears only of its own key. Keys may be endless.
 * Throws FaultlineError `generator-argument`; asking throws `generator-no-thread` if there are too few client threads for one group.
 */
export function concurrentKeys(threadsPerKey: number, keys: Iterable<Key>, source: (key: Key) => Source): Generator {
  if (!Number.isInteger(threadsPerKey) || threadsPerKey < 1) {
    throw new FaultlineError('generator-argument', `concurrentKeys: ${threadsPerKey} is not a number of threads`);
  }
  const known = new WeakMap<readonly ThreadId[], readonly ThreadPredicate[]>();
  const groupsOf = (threads: readonly ThreadId[]): readonly ThreadPredicate[] => {
    const groups = known.get(threads) ?? divide(threadsPerKey, threads);
    known.set(threads, groups);
    return groups;
  };
  const plan = { groupsOf, keyAt: lazily(keys, (key) => ({ key, generator: keyed(key, source(key)) })) };
  return new ConcurrentKeys(plan, undefined, 0, 0);
}

function keyed(key: Key, source: Source): Generator {
  return map((op) => withKey(op, key), source);
}

function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): Iterable<U> {
  for (const item of items) yield change(item);
}

function divide(threadsPerKey: number, threads: readonly ThreadId[]): readonly ThreadPredicate[] {
  const available = threads.filter(isClientThread);
  const count = Math.floor(available.length / threadsPerKey);
  if (count === 0) {
    throw new FaultlineError('generator-no-thread', `concurrentKeys: ${threadsPerKey} threads a key are asked for, ${available.length} client threads are there`, {
      hint: 'Raise the concurrency.',
    });
  }
  return Array.from({ length: count }, (_, group) => {
    const own = new Set<ThreadId>(available.filter((_thread, position) => position % count === group));
    return (thread) => own.has(thread);
  });
}

interface Plan {
  readonly groupsOf: (threads: readonly ThreadId[]) => readonly ThreadPredicate[];
  readonly keyAt: (index: number) => { readonly key: Key; readonly generator: Generator } | undefined;
}

/** What a group works on. */
interface Assignment {
  /** Number of its key in the order of keys: also its place in the tree. */
  readonly index: number;
  /** Undefined: there are no more keys for this group. */
  readonly generator: Generator | undefined;
}

class ConcurrentKeys implements Generator {
  constructor(
    private readonly plan: Plan,
    /** By group; undefined: not asked yet. */
    private readonly assignments: readonly Assignment[] | undefined,
    private readonly nextKey: number,
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    const groups = this.plan.groupsOf(context.threads);
    if (this.assignments === undefined) return this.begin(groups.length).next(context);
    const assignments = this.assignments;
    const branches = groups.map((group, i): Branch => {
      const own = context.on(group);
      return { generator: assignments[i]?.generator, context: own.at(assignments[i]?.index ?? 0), weight: own.threads.length };
    });
    const result = soonest(branches, () => context.draw(2 * this.draws));
    const rests = assignments.map(({ index }, i): Assignment => ({ index, generator: result.kind === 'done' ? undefined : result.rests[i] }));
    const fresh = this.replaceFinished(assignments, rests);
    // A group took another key: what that key has to give now competes with the others' operations.
    if (fresh !== undefined) return fresh.next(context);
    if (result.kind === 'done') return DONE;
    if (result.kind === 'pending') return pending(this.with(rests, this.draws), result.until);
    const op = assign(result.op, context.on(groups[result.index] ?? none), 2 * this.draws + 1);
    return op === undefined ? pending(this) : { kind: 'op', op, rest: this.with(rests, this.draws + 1) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    const thread = context.threadOf(event.process);
    if (thread === undefined || this.assignments === undefined) return this;
    const groups = this.plan.groupsOf(context.threads);
    const at = groups.findIndex((group) => group(thread));
    const assignment = this.assignments[at];
    if (assignment?.generator?.update === undefined || this.plan.keyAt(assignment.index)?.key !== event.key) return this;
    const generator = tell(assignment.generator, context.on(groups[at] ?? none).at(assignment.index), event);
    return generator === assignment.generator ? this : this.with(this.assignments.with(at, { ...assignment, generator }), this.draws);
  }

  private begin(groups: number): ConcurrentKeys {
    const assignments = Array.from({ length: groups }, (_, index): Assignment => ({ index, generator: this.plan.keyAt(index)?.generator }));
    return new ConcurrentKeys(this.plan, assignments, groups, this.draws);
  }

  /** Gives every group whose key has just finished the next key; undefined if none has, or no key is left. */
  private replaceFinished(before: readonly Assignment[], after: readonly Assignment[]): ConcurrentKeys | undefined {
    let nextKey = this.nextKey;
    const assignments = before.map((assignment, i): Assignment => {
      if (assignment.generator === undefined || after[i]?.generator !== undefined) return assignment;
      const index = nextKey++;
      return { index, generator: this.plan.keyAt(index)?.generator };
    });
    return nextKey === this.nextKey ? undefined : new ConcurrentKeys(this.plan, assignments, nextKey, this.draws);
  }

  private with(assignments: readonly Assignment[], draws: number): ConcurrentKeys {
    return new ConcurrentKeys(this.plan, assignments, this.nextKey, draws);
  }
}

const none: ThreadPredicate = () => false;
