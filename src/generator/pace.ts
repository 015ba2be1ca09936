import type { Op } from '../history/op.js';
import { FaultlineError } from '../errors.js';
import { ask, DONE, NS_PER_MS, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** How much delay is made up for afterwards, at least: enough for coarse timers, too little for a burst after a standstill. */
const MIN_CATCH_UP_NS = 20 * NS_PER_MS;

/**
 * The source's operations at random moments, `meanGapMs` milliseconds apart on average over all threads, the first after
 * a gap too: a Poisson process, so exponential gaps. Short delays are made up for, so that the mean rate is kept.
 */
export function stagger(meanGapMs: number, source: Source): Generator {
  const mean = positive('stagger', meanGapMs) * NS_PER_MS;
  const gap = (context: GeneratorContext, k: number): number => -Math.log(1 - context.draw(k)) * mean;
  return new Paced({ gap, first: gap, catchUpNs: Math.max(MIN_CATCH_UP_NS, mean) }, undefined, 0, lift(source));
}

/** The source's operations `gapMs` milliseconds apart, the first at once. Short delays are made up for. */
export function delay(gapMs: number, source: Source): Generator {
  const gap = positive('delay', gapMs) * NS_PER_MS;
  return new Paced({ gap: () => gap, first: () => 0, catchUpNs: Math.max(MIN_CATCH_UP_NS, gap) }, undefined, 0, lift(source));
}

function positive(name: string, ms: number): number {
  if (!(ms >= 0) || !Number.isFinite(ms)) throw new FaultlineError('generator-argument', `${name}: ${ms} is not a number of milliseconds`);
  return ms;
}

interface Pace {
  /** Nanoseconds between an operation and the k-th after the first. */
  readonly gap: (context: GeneratorContext, k: number) => number;
  readonly first: (context: GeneratorContext, k: number) => number;
  readonly catchUpNs: number;
}

class Paced implements Generator {
  constructor(
    private readonly pace: Pace,
    /** When the next operation may start; undefined: not asked yet. */
    private readonly due: number | undefined,
    private readonly draws: number,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    if (this.due === undefined) {
      const due = context.time + this.pace.first(context, this.draws);
      return new Paced(this.pace, due, this.draws + 1, this.child).next(context);
    }
    const next = ask(this.child, context.at(0));
    if (next.kind === 'done') return DONE;
    if (next.kind === 'pending') {
      return pending(next.rest === this.child ? this : new Paced(this.pace, this.due, this.draws, next.rest), next.until);
    }
    if (context.time < this.due) return pending(this, this.due);
    const from = Math.max(this.due, context.time - this.pace.catchUpNs);
    const due = from + this.pace.gap(context, this.draws);
    return { kind: 'op', op: next.op, rest: new Paced(this.pace, due, this.draws + 1, next.rest) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    const child = tell(this.child, context.at(0), event);
    return child === this.child ? this : new Paced(this.pace, this.due, this.draws, child);
  }
}
