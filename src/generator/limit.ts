import type { Op } from '../history/op.js';
import { FaultlineError } from '../errors.js';
import { ask, assign, DONE, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';
import type { ProcessId } from '../history/op.js';

/** At most `count` operations of the source. Throws FaultlineError `generator-argument` if it is not a whole number from 0 up. */
export function limit(count: number, source: Source): Generator {
  if (!(count >= 0) || (Number.isFinite(count) && !Number.isInteger(count))) {
    throw new FaultlineError('generator-argument', `limit: ${count} is not a number of operations`);
  }
  return new Limit(count, lift(source));
}

/**
 * Operations by at most `count` different processes. Once so many have been used, only those go on; when all of them are
 * retired, it ends. Bounds how many clients can be left in doubt.
 */
export function processLimit(count: number, source: Source): Generator {
  return new ProcessLimit(count, new Set(), 0, lift(source));
}

class Limit implements Generator {
  constructor(
    private readonly left: number,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    if (this.left <= 0) return DONE;
    const next = ask(this.child, context);
    switch (next.kind) {
      case 'op':
        return { kind: 'op', op: next.op, rest: new Limit(this.left - 1, next.rest) };
      case 'pending':
        return next.rest === this.child ? pending(this, next.until) : pending(new Limit(this.left, next.rest), next.until);
      case 'done':
        return DONE;
    }
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = tell(this.child, context, event);
    return child === this.child ? this : new Limit(this.left, child);
  }
}

class ProcessLimit implements Generator {
  constructor(
    private readonly count: number,
    private readonly used: ReadonlySet<ProcessId>,
    private readonly draws: number,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    const full = this.used.size >= this.count;
    const allowed = full ? context.on((thread) => this.used.has(context.processOf(thread))) : context;
    if (allowed.threads.length === 0) return DONE;
    const next = ask(this.child, allowed.at(0));
    if (next.kind === 'done') return DONE;
    const op = next.kind === 'op' ? assign(next.op, allowed, this.draws) : undefined;
    if (next.kind === 'pending') return pending(new ProcessLimit(this.count, this.used, this.draws, next.rest), next.until);
    if (op === undefined) return pending(this);
    const process = context.processOf(op.thread);
    const used = this.used.has(process) ? this.used : new Set([...this.used, process]);
    return { kind: 'op', op, rest: new ProcessLimit(this.count, used, this.draws + 1, next.rest) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = tell(this.child, context.at(0), event);
    return child === this.child ? this : new ProcessLimit(this.count, this.used, this.draws, child);
  }
}
