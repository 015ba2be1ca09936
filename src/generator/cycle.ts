import type { Op } from '../history/op.js';
import { ask, DONE, pending, tell } from './ask.js';
import { limit } from './limit.js';
import { lift, sameOp, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** The whole source again and again, `times` times; every round draws anew. A round that is empty at once ends it. */
export function cycle(source: Source, times = Infinity): Generator {
  const generator = lift(source);
  return new Cycle(generator, generator, 0, times, false);
}

/** The first operation of the source again and again, `times` times; every one draws anew. */
export function repeat(source: Source, times = Infinity): Generator {
  if (typeof source === 'object' && !('next' in source)) return sameOp(source, times);
  return cycle(limit(1, source), times);
}

class Cycle implements Generator {
  constructor(
    private readonly original: Generator,
    private readonly current: Generator,
    private readonly round: number,
    private readonly times: number,
    /** Whether this round gave anything: an operation, or something to wait for. */
    private readonly lively: boolean,
  ) {}

  next(context: GeneratorContext): Next {
    if (this.round >= this.times) return DONE;
    const next = ask(this.current, context.at(this.round));
    switch (next.kind) {
      case 'op':
        return { kind: 'op', op: next.op, rest: this.with(next.rest) };
      case 'pending':
        return pending(this.with(next.rest), next.until);
      case 'done':
        return this.lively ? new Cycle(this.original, this.original, this.round + 1, this.times, false).next(context) : DONE;
    }
  }

  update(context: GeneratorContext, event: Op): Generator {
    const current = tell(this.current, context.at(this.round), event);
    return current === this.current ? this : new Cycle(this.original, current, this.round, this.times, this.lively);
  }

  private with(current: Generator): Cycle {
    return new Cycle(this.original, current, this.round, this.times, true);
  }
}
