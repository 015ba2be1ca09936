import type { Op } from '../history/op.js';
import { FaultlineError } from '../errors.js';
import { ask, DONE, earlier, pending, tellAll, weighted } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/**
 * A random source for every operation, evenly or by weight, until all are done. One that is pending never holds up the
 * others: another is drawn in its place.
 * Throws FaultlineError `generator-argument` for weights that do not fit.
 */
export function mix(sources: readonly Source[], weights: readonly number[] = sources.map(() => 1)): Generator {
  if (weights.length !== sources.length || weights.some((weight) => !(weight > 0) || !Number.isFinite(weight))) {
    throw new FaultlineError('generator-argument', `mix: ${sources.length} sources need as many positive weights, not [${weights.join(', ')}]`);
  }
  return new Mix(sources.map(lift), weights, 0);
}

class Mix implements Generator {
  constructor(
    /** Undefined: finished. */
    private readonly children: readonly (Generator | undefined)[],
    private readonly weights: readonly number[],
    private readonly draws: number,
  ) {}

  next(context: GeneratorContext): Next {
    let { children, weights, draws } = this;
    let until: number | undefined;
    for (let untried = weights; ; draws++) {
      const at = weighted(untried, context.draw(draws));
      if (at === -1) break;
      const child = children[at];
      const next = child === undefined ? DONE : ask(child, context.at(at));
      if (next.kind === 'op') return { kind: 'op', op: next.op, rest: new Mix(children.with(at, next.rest), weights, draws + 1) };
      untried = untried.with(at, 0);
      children = children.with(at, next.kind === 'done' ? undefined : next.rest);
      if (next.kind === 'done') weights = weights.with(at, 0);
      else until = earlier(until, next.until);
    }
    return children.every((child) => child === undefined) ? DONE : pending(new Mix(children, weights, this.draws), until);
  }

  update(context: GeneratorContext, event: Op): Generator {
    const children = tellAll(this.children, context, event);
    return children === this.children ? this : new Mix(children, this.weights, this.draws);
  }
}
