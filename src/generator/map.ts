import type { Op } from '../history/op.js';
import { ask, DONE, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next, OpDraft } from './types.js';

/** The source's operations, each changed by a pure function. */
export function map(change: (op: OpDraft) => OpDraft, source: Source): Generator {
  return new Mapped(change, lift(source));
}

class Mapped implements Generator {
  constructor(
    private readonly change: (op: OpDraft) => OpDraft,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    const next = ask(this.child, context);
    switch (next.kind) {
      case 'op':
        return { kind: 'op', op: this.change(next.op), rest: new Mapped(this.change, next.rest) };
      case 'pending':
        return pending(new Mapped(this.change, next.rest), next.until);
      case 'done':
        return DONE;
    }
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = tell(this.child, context, event);
    return child === this.child ? this : new Mapped(this.change, child);
  }
}
