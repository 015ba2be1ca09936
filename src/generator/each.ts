import type { Op, ProcessId } from '../history/op.js';
import { hashString } from '../random/random.js';
import { assign, DONE, pending, soonest, tell, type Branch } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next, ThreadId, ThreadPredicate } from './types.js';

/** A copy of the source for every thread, each on its thread alone; done when all copies are. */
export function eachThread(source: Source): Generator {
  return new Each({ original: lift(source), owner: (_, thread) => thread, alone: singles() }, new Map(), 0);
}

/** A copy of the source for every process: a thread whose process was retired begins afresh. Done when the copies of all present processes are. */
export function eachProcess(source: Source): Generator {
  return new Each({ original: lift(source), owner: (context, thread) => context.processOf(thread), alone: singles() }, new Map(), 0);
}

interface Template {
  readonly original: Generator;
  /** Whose copy a thread works on. */
  readonly owner: (context: GeneratorContext, thread: ThreadId) => ProcessId;
  /** The predicate of one thread, the same object every time. */
  readonly alone: (thread: ThreadId) => ThreadPredicate;
}

/** The copies that were begun, by owner. Undefined: finished. */
type Copies = ReadonlyMap<ProcessId, Generator | undefined>;

class Each implements Generator {
  constructor(
    private readonly template: Template,
    private readonly copies: Copies,
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    const { owner, alone } = this.template;
    const owners = context.free.map((thread) => owner(context, thread));
    const branches = context.free.map((thread, i): Branch => {
      const id = owners[i] ?? thread;
      return { generator: this.copyOf(id), context: context.on(alone(thread)).at(place(id)), weight: 1 };
    });
    const result = soonest(branches, () => context.draw(this.draws));
    const copies = new Map(this.copies);
    for (const [i, id] of owners.entries()) copies.set(id, result.kind === 'done' ? undefined : result.rests[i]);
    if (result.kind === 'op') {
      const thread = context.free[result.index];
      const op = thread === undefined ? undefined : assign(result.op, context.on(alone(thread)), 0);
      return op === undefined ? pending(this) : { kind: 'op', op, rest: this.with(copies, this.draws + 1) };
    }
    const finished = context.threads.every((thread) => isFinished(copies, owner(context, thread)));
    return finished ? DONE : pending(this.with(copies, this.draws), result.kind === 'pending' ? result.until : undefined);
  }

  update(context: GeneratorContext, event: Op): Generator {
    const thread = context.threadOf(event.process);
    if (thread === undefined || this.template.original.update === undefined) return this;
    const id = this.template.owner(context, thread);
    const copy = this.copyOf(id);
    if (copy === undefined) return this;
    const updated = tell(copy, context.on(this.template.alone(thread)).at(place(id)), event);
    return updated === copy ? this : this.with(new Map(this.copies).set(id, updated), this.draws);
  }

  private copyOf(id: ProcessId): Generator | undefined {
    return this.copies.has(id) ? this.copies.get(id) : this.template.original;
  }

  private with(copies: Copies, draws: number): Each {
    return new Each(this.template, copies, draws);
  }
}

function isFinished(copies: Copies, id: ProcessId): boolean {
  return copies.has(id) && copies.get(id) === undefined;
}

/** Where the copy of an owner stands in the tree. */
function place(id: ProcessId): number {
  return typeof id === 'number' ? id : hashString(id);
}

function singles(): (thread: ThreadId) => ThreadPredicate {
  const known = new Map<ThreadId, ThreadPredicate>();
  return (thread) => {
    const predicate = known.get(thread) ?? ((candidate: ThreadId) => candidate === thread);
    known.set(thread, predicate);
    return predicate;
  };
}
