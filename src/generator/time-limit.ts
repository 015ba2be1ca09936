import type { Op } from '../history/op.js';
import { ask, DONE, earlier, NS_PER_MS, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/**
 * The source for `ms` milliseconds from when it is first asked. Then it ends, even while the source is pending; an
 * operation that would start at the end or later is not given. Operations in flight are their callers' matter.
 */
export function timeLimit(ms: number, source: Source): Generator {
  return new TimeLimit(ms * NS_PER_MS, undefined, lift(source));
}

class TimeLimit implements Generator {
  constructor(
    private readonly durationNs: number,
    /** Undefined: not asked yet. */
    private readonly end: number | undefined,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    const end = this.end ?? context.time + this.durationNs;
    if (context.time >= end) return DONE;
    const next = ask(this.child, context);
    switch (next.kind) {
      case 'op':
        return { kind: 'op', op: next.op, rest: new TimeLimit(this.durationNs, end, next.rest) };
      case 'pending': {
        const same = next.rest === this.child && end === this.end;
        return pending(same ? this : new TimeLimit(this.durationNs, end, next.rest), earlier(next.until, end));
      }
      case 'done':
        return DONE;
    }
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = tell(this.child, context, event);
    return child === this.child ? this : new TimeLimit(this.durationNs, this.end, child);
  }
}
