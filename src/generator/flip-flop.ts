import type { Op } from '../history/op.js';
import { ask, DONE, pending, tellAll } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** One operation of each source in turn, a, b, a, b ...; ends when the one whose turn it is has no more. */
export function flipFlop(...sources: readonly Source[]): Generator {
  return new FlipFlop(sources.map(lift), 0);
}

class FlipFlop implements Generator {
  constructor(
    private readonly children: readonly Generator[],
    private readonly turn: number,
  ) {}

  next(context: GeneratorContext): Next {
    const child = this.children[this.turn];
    const next = child === undefined ? DONE : ask(child, context.at(this.turn));
    if (next.kind === 'done') return DONE;
    const children = this.children.with(this.turn, next.rest);
    if (next.kind === 'pending') return pending(new FlipFlop(children, this.turn), next.until);
    return { kind: 'op', op: next.op, rest: new FlipFlop(children, (this.turn + 1) % children.length) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    const children = tellAll(this.children, context, event);
    return children === this.children ? this : new FlipFlop(children, this.turn);
  }
}
