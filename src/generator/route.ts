import { FaultlineError } from '../errors.js';
import type { Op, ProcessId } from '../history/op.js';
import { ask, assign, DONE, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next, ThreadId, ThreadPredicate } from './types.js';

/** The source on the threads that the predicate accepts: it sees no others, and hears of no others. Done if there are none. */
export function onThreads(threads: ThreadPredicate, source: Source): Generator {
  return new OnThreads({ threads, missing: () => DONE }, lift(source), 0);
}

/** The source on the threads whose process, at present, the predicate accepts. */
export function onProcesses(processes: (process: ProcessId) => boolean, source: Source): Generator {
  return new OnProcesses(processes, lift(source), 0);
}

/** The source on client threads only. */
export function clients(source: Source): Generator {
  return onThreads(isClientThread, source);
}

/** The source on nemesis threads only. */
export function nemeses(source: Source): Generator {
  return onThreads(isNemesisThread, source);
}

/**
 * The source on the thread of one nemesis, by its name (`partition`).
 * Asking throws FaultlineError `generator-no-thread` if the run has no such nemesis.
 */
export function onNemesis(name: string, source: Source): Generator {
  const own = nemesisThread(name);
  const missing = (): Next => {
    throw new FaultlineError('generator-no-thread', `onNemesis: this run has no nemesis "${name}"`, { hint: 'Give it to the interpreter, or leave its generator out.' });
  };
  return new OnThreads({ threads: (thread) => thread === own, missing }, lift(source), 0);
}

/** The thread of a nemesis: `nemesis/partition`. */
export function nemesisThread(name: string): string {
  return `nemesis/${name}`;
}

export function isClientThread(thread: ThreadId): thread is number {
  return typeof thread === 'number';
}

export function isNemesisThread(thread: ThreadId): thread is string {
  return typeof thread === 'string';
}

interface Route {
  readonly threads: ThreadPredicate;
  /** The answer if no thread of the context fits. */
  readonly missing: () => Next;
}

class OnThreads implements Generator {
  constructor(
    private readonly route: Route,
    private readonly child: Generator,
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    const own = context.on(this.route.threads);
    if (own.threads.length === 0) return this.route.missing();
    const next = ask(this.child, own.at(0));
    if (next.kind === 'done') return DONE;
    if (next.kind === 'pending') return pending(next.rest === this.child ? this : new OnThreads(this.route, next.rest, this.draws), next.until);
    const op = assign(next.op, own, this.draws);
    return op === undefined ? pending(this) : { kind: 'op', op, rest: new OnThreads(this.route, next.rest, this.draws + 1) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    if (this.child.update === undefined) return this;
    const thread = context.threadOf(event.process);
    if (thread === undefined || !this.route.threads(thread)) return this;
    const child = tell(this.child, context.on(this.route.threads).at(0), event);
    return child === this.child ? this : new OnThreads(this.route, child, this.draws);
  }
}

class OnProcesses implements Generator {
  constructor(
    private readonly processes: (process: ProcessId) => boolean,
    private readonly child: Generator,
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    const own = this.narrow(context);
    const next = ask(this.child, own.at(0));
    if (next.kind === 'done') return DONE;
    if (next.kind === 'pending') return pending(new OnProcesses(this.processes, next.rest, this.draws), next.until);
    const op = assign(next.op, own, this.draws);
    return op === undefined ? pending(this) : { kind: 'op', op, rest: new OnProcesses(this.processes, next.rest, this.draws + 1) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    if (!this.processes(event.process)) return this;
    const child = tell(this.child, this.narrow(context).at(0), event);
    return child === this.child ? this : new OnProcesses(this.processes, child, this.draws);
  }

  private narrow(context: GeneratorContext): GeneratorContext {
    return context.on((thread) => this.processes(context.processOf(thread)));
  }
}
