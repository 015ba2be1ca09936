import { FaultlineError } from '../errors.js';
import type { Op } from '../history/op.js';
import { ask, DONE, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next, OpDraft } from './types.js';

/** So many operations in a row may be thrown away before it counts as an endless search. */
const MAX_SKIPPED = 100_000;

/**
 * Those operations of the source that the predicate accepts. Asking throws FaultlineError `generator-filter` after
 * 100,000 refusals in a row: the source will hardly ever give one.
 */
export function filter(accepts: (op: OpDraft) => boolean, source: Source): Generator {
  return new Filter(accepts, lift(source));
}

class Filter implements Generator {
  constructor(
    private readonly accepts: (op: OpDraft) => boolean,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    let child = this.child;
    for (let skipped = 0; skipped < MAX_SKIPPED; skipped++) {
      const next = ask(child, context);
      if (next.kind === 'done') return DONE;
      if (next.kind === 'pending') return pending(new Filter(this.accepts, next.rest), next.until);
      if (this.accepts(next.op)) return { kind: 'op', op: next.op, rest: new Filter(this.accepts, next.rest) };
      child = next.rest;
    }
    throw new FaultlineError('generator-filter', `filter: none of ${MAX_SKIPPED} operations in a row was accepted`);
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = tell(this.child, context, event);
    return child === this.child ? this : new Filter(this.accepts, child);
  }
}
