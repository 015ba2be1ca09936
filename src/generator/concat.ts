import { FaultlineError } from '../errors.js';
import type { Op } from '../history/op.js';
import { ask, DONE, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import { lazily } from './lazily.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** So many empty sources in a row count as an endless search. */
const MAX_EMPTY = 100_000;

/** One source after the other; the next begins as soon as the one before has nothing more to give, though its operations may still be open. */
export function concat(...sources: readonly Source[]): Generator {
  return fromIterable(sources);
}

/** Like concat, over an array. */
export function fromArray(sources: readonly Source[]): Generator {
  return fromIterable(sources);
}

/**
 * Like concat, over anything iterable, endless ones too; items are taken when they are needed, and once.
 * Asking throws FaultlineError `generator-empty` after 100,000 sources in a row that gave nothing.
 */
export function fromIterable(sources: Iterable<Source>): Generator {
  return new Concat(lazily(sources, lift), 0, undefined);
}

class Concat implements Generator {
  constructor(
    private readonly item: (index: number) => Generator | undefined,
    private readonly index: number,
    /** The item at index, if it was begun. */
    private readonly current: Generator | undefined,
  ) {}

  next(context: GeneratorContext): Next {
    let index = this.index;
    for (let child = this.current ?? this.item(index); child !== undefined; child = this.item(++index)) {
      const next = ask(child, context.at(index));
      if (next.kind === 'op') return { kind: 'op', op: next.op, rest: new Concat(this.item, index, next.rest) };
      if (next.kind === 'pending') return pending(new Concat(this.item, index, next.rest), next.until);
      if (index - this.index >= MAX_EMPTY) throw new FaultlineError('generator-empty', `concat: ${MAX_EMPTY} sources in a row gave nothing`);
    }
    return DONE;
  }

  update(context: GeneratorContext, event: Op): Generator {
    if (this.current === undefined) return this;
    const current = tell(this.current, context.at(this.index), event);
    return current === this.current ? this : new Concat(this.item, this.index, current);
  }
}
