import type { Op } from '../history/op.js';
import { DONE, pending, soonest, tellAll, type Branch } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** Whichever source has an operation soonest, until all are done; a draw decides between several that have one now. This is how clients and nemeses run side by side. */
export function any(...sources: readonly Source[]): Generator {
  return new AnyOf(sources.map(lift), 0);
}

class AnyOf implements Generator {
  constructor(
    /** Undefined: finished. */
    private readonly children: readonly (Generator | undefined)[],
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    const branches = this.children.map((generator, i): Branch => ({ generator, context: context.at(i), weight: 1 }));
    const result = soonest(branches, () => context.draw(this.draws));
    switch (result.kind) {
      case 'op':
        return { kind: 'op', op: result.op, rest: new AnyOf(result.rests, this.draws + 1) };
      case 'pending': {
        const same = result.rests.every((rest, i) => rest === this.children[i]);
        return pending(same ? this : new AnyOf(result.rests, this.draws), result.until);
      }
      case 'done':
        return DONE;
    }
  }

  update(context: GeneratorContext, event: Op): Generator {
    const children = tellAll(this.children, context, event);
    return children === this.children ? this : new AnyOf(children, this.draws);
  }
}
