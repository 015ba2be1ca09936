import type { Model } from '../linearizable/model.js';
import type { Contradiction } from './engine.js';
import { KeyWatch, type Step, type WatchOptions } from './key-watch.js';

/**
 * Watches one key of a model whose answers may be results or mere echoes of the argument, which only the whole history tells: both ways until `judge` says that
 * they are results. A key of any other model is watched one way.
 */
export class BothWays {
  readonly #model: Model<unknown>;
  readonly #judging: KeyWatch;
  #ignoring: KeyWatch | undefined;
  #found: Contradiction | undefined;
  /** Operations that are open. */
  open = 0;

  constructor(model: Model<unknown>, options: WatchOptions, judge: boolean) {
    this.#model = model;
    this.#judging = new KeyWatch(model, options);
    this.#ignoring = judge ? undefined : new KeyWatch(model, options);
  }

  get givenUp(): string | undefined {
    return (this.#ignoring ?? this.#judging).givenUp;
  }

  get held(): number {
    return this.#judging.held + (this.#ignoring?.held ?? 0);
  }

  get bytes(): number {
    return this.#judging.bytes + (this.#ignoring?.bytes ?? 0);
  }

  observe(step: Step): Contradiction | undefined {
    if (step.type === 'invoke') this.open++;
    else this.open--;
    this.#found ??= this.#judging.observe(step);
    if (this.#found !== undefined) this.#judging.giveUp('it contradicts itself');
    if (this.#ignoring === undefined) return this.#found;
    return this.#ignoring.observe(step.type === 'ok' && this.#model.echoes?.includes(step.op.f) === true ? { ...step, result: undefined } : step);
  }

  /** From now on answers are results, those of the past too. Gives the contradiction that this brings about. */
  judge(): Contradiction | undefined {
    this.#ignoring = undefined;
    return this.#found;
  }
}
