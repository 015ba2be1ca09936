import type { Model } from '../linearizable/model.js';
import type { Contradiction, Engine, Pending } from './engine.js';
import { Frontier } from './frontier.js';
import { isRegister } from './roles.js';
import { UniqueEngine } from './unique.js';

/** An event of one key. */
export type Step =
  | { readonly type: 'invoke' | 'fail' | 'info'; readonly op: Pending }
  | { readonly type: 'ok'; readonly op: Pending; readonly result: unknown; readonly index: number };

/** Events that are kept of a register's key, to begin anew with if its values turn out to repeat. */
const LOG_EVENTS = 64;
const EVENT_BYTES = 80;

/** How a key is watched: how its answers are to be taken, and by what limit. */
export interface WatchOptions {
  readonly initial: unknown;
  readonly maxConfigurations: number;
}

/**
 * Watches one key: a register by the algorithm for unique values, everything else by a frontier of configurations. Where a register's values repeat within its first
 * events, those are replayed on a frontier, which then knows all that it would have known from the beginning; where they
 * repeat later, the key is given up.
 */
export class KeyWatch {
  readonly #model: Model<unknown>;
  readonly #options: WatchOptions;
  #engine: Engine | undefined;
  #log: Step[] | undefined;
  #givenUp: string | undefined;

  constructor(model: Model<unknown>, options: WatchOptions) {
    this.#model = model;
    this.#options = options;
    const unique = isRegister(model);
    this.#engine = unique ? new UniqueEngine(model, options.initial) : this.#frontier();
    this.#log = unique ? [] : undefined;
  }

  get givenUp(): string | undefined {
    return this.#givenUp;
  }

  get held(): number {
    return this.#engine?.held ?? 0;
  }

  get bytes(): number {
    return (this.#engine?.bytes ?? 0) + EVENT_BYTES * (this.#log?.length ?? 0);
  }

  /** The event that makes the prefix impossible gives a contradiction. */
  observe(step: Step): Contradiction | undefined {
    if (this.#engine === undefined) return undefined;
    const complaint = this.#complaint(step);
    if (complaint !== undefined) return void this.giveUp(complaint);
    if (this.#log !== undefined && this.#log.push(step) > LOG_EVENTS) this.#log = undefined;
    const found = feed(this.#engine, step);
    return this.#engine.givenUp === undefined ? found : this.#fallBack(this.#engine.givenUp);
  }

  /** The key cannot be told about any more. */
  giveUp(reason: string): void {
    this.#givenUp = reason;
    this.#engine = undefined;
    this.#log = undefined;
  }

  /** What is wrong with the shape of an operation. That is for the final check to say. */
  #complaint({ type, op, ...rest }: Step): string | undefined {
    const { f, argument } = op;
    if (!Object.hasOwn(this.#model.operations, f)) return `the model has no operation "${f}"`;
    if (type === 'invoke' || type === 'fail') return undefined;
    return this.#model.complaint?.({ f, argument, known: type === 'ok', result: 'result' in rest ? rest.result : undefined });
  }

  #fallBack(reason: string): Contradiction | undefined {
    const log = this.#log;
    if (log === undefined) {
      this.giveUp(reason);
      return undefined;
    }
    this.#log = undefined;
    const frontier = this.#frontier();
    this.#engine = frontier;
    let found: Contradiction | undefined;
    for (const step of log) found ??= feed(frontier, step);
    if (frontier.givenUp !== undefined) this.giveUp(frontier.givenUp);
    return this.#givenUp === undefined ? found : undefined;
  }

  #frontier(): Frontier {
    return new Frontier(this.#model, this.#options.initial, this.#options.maxConfigurations);
  }
}

function feed(engine: Engine, step: Step): Contradiction | undefined {
  switch (step.type) {
    case 'invoke':
      engine.invoke(step.op);
      return undefined;
    case 'ok':
      return engine.ok(step.op, step.result, step.index);
    case 'fail':
      return engine.fail(step.op);
    case 'info':
      engine.info(step.op);
      return undefined;
  }
}
