import type { Op } from '../history/op.js';
import { ask, DONE, pending, tell } from './ask.js';
import { draftOf, lift, type OpSpec, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/**
 * Operations made from a state of your own that events change: `make` gives the next operation, `'pending'` if the state
 * has to change first, or undefined when there are no more. Both functions must be pure; states are never changed in place.
 * Each `make` has draws of its own.
 */
export function withState<S>(
  initial: S,
  update: (state: S, event: Op) => S,
  make: (state: S, context: GeneratorContext) => OpSpec | 'pending' | undefined,
): Generator {
  return new Stateful({ update, make }, initial, 0);
}

/** The source, replaced by what `react` gives for every event; give `generator` back to leave it as it is. */
export function onUpdate(source: Source, react: (generator: Generator, event: Op) => Generator): Generator {
  return new OnUpdate(react, lift(source));
}

interface Behaviour<S> {
  readonly update: (state: S, event: Op) => S;
  readonly make: (state: S, context: GeneratorContext) => OpSpec | 'pending' | undefined;
}

class Stateful<S> implements Generator {
  constructor(
    private readonly behaviour: Behaviour<S>,
    private readonly state: S,
    private readonly count: number,
  ) {}

  next(context: GeneratorContext): Next {
    const made = this.behaviour.make(this.state, context.at(this.count));
    if (made === undefined) return DONE;
    if (made === 'pending' || context.free.length === 0) return pending(this);
    if (made.thread !== undefined && !context.free.includes(made.thread)) return pending(this);
    return { kind: 'op', op: draftOf(made), rest: new Stateful(this.behaviour, this.state, this.count + 1) };
  }

  update(_context: GeneratorContext, event: Op): Generator {
    const state = this.behaviour.update(this.state, event);
    return state === this.state ? this : new Stateful(this.behaviour, state, this.count);
  }
}

class OnUpdate implements Generator {
  constructor(
    private readonly react: (generator: Generator, event: Op) => Generator,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    const next = ask(this.child, context);
    if (next.kind === 'done') return DONE;
    const rest = new OnUpdate(this.react, next.rest);
    return next.kind === 'op' ? { kind: 'op', op: next.op, rest } : pending(rest, next.until);
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = this.react(tell(this.child, context, event), event);
    return child === this.child ? this : new OnUpdate(this.react, child);
  }
}
