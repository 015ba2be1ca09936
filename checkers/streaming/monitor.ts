import { isClientOp, type Anomaly, type HistoryMonitor, type Key, type Op, type ProcessId } from '../../src/index.js';
import { canonical } from '../shared/canonical.js';
import { count, listOf } from '../shared/words.js';
import type { Model } from '../linearizable/model.js';
import { BothWays } from './both-ways.js';
import type { Contradiction, Pending } from './engine.js';
import type { Step } from './key-watch.js';

export interface StreamingOptions {
  /** State of an object that nothing was done to; undefined: the model's own. */
  readonly initial?: unknown;
  /** Configurations of one key past which it is given up. Default: 4096. */
  readonly maxConfigurations?: number;
  /** Keys followed at a time; past that, those without open operations that were used least lately are given up. Default: 4096. */
  readonly maxKeys?: number;
}

/** What a monitor is looking at. */
export interface Watching {
  /** Keys seen, and those among them that it can tell nothing of any more. */
  readonly keys: number;
  readonly givenUp: number;
  /** Why keys were given up, and how many for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Configurations, and values that may still be seen, over all keys. */
  readonly configurations: number;
  /** Memory in use, roughly. */
  readonly bytes: number;
}

export interface StreamingMonitor extends HistoryMonitor {
  /** The next event of the history. The first that makes a linearization impossible gives an anomaly; after that there is nothing more to say. */
  observe(op: Op): Anomaly | undefined;
  /** Keys that were given up, and why, in words. */
  readonly unfollowed: string | undefined;
  readonly watching: Watching;
}

const MAX_CONFIGURATIONS = 4096;
const MAX_KEYS = 4096;
const REASONS_SHOWN = 3;
/** Rough size of what is kept of any key; bytes. */
const KEY_BYTES = 100;

/**
 * Watches a history event by event and gives an anomaly at the first event at which no linearization exists, whatever open operations come to. It never
 * gives one on a history that has a linearization. Of keys that are not given up it misses none. Memory follows concurrency and crashed operations, not length.
 *
 * Answers of the model's `echoes` count as results from the first one on that does not repeat its argument, over all keys; until
 * then each key is watched both ways, so that this costs nothing of the past. As judging them only restricts, an anomaly stays one.
 */
export function streamingMonitor(model: Model<unknown>, options: StreamingOptions = {}): StreamingMonitor {
  return new Monitor(model, options);
}

class Monitor implements StreamingMonitor {
  readonly #model: Model<unknown>;
  readonly #initial: unknown;
  readonly #maxConfigurations: number;
  readonly #maxKeys: number;
  /** Least lately used first. */
  readonly #watched = new Map<Key | undefined, BothWays>();
  /** Keys given up, with the reason. */
  readonly #lost = new Map<Key | undefined, string>();
  readonly #open = new Map<ProcessId, { readonly op: Pending; readonly key: Key | undefined }>();
  #judging: boolean;
  #done = false;

  constructor(model: Model<unknown>, { initial, maxConfigurations = MAX_CONFIGURATIONS, maxKeys = MAX_KEYS }: StreamingOptions) {
    this.#model = model;
    this.#initial = initial;
    this.#maxConfigurations = maxConfigurations;
    this.#maxKeys = maxKeys;
    this.#judging = (model.echoes ?? []).length === 0;
  }

  get watching(): Watching {
    const reasons: Record<string, number> = {};
    for (const reason of this.#lost.values()) reasons[reason] = (reasons[reason] ?? 0) + 1;
    const watched = [...this.#watched.values()];
    return {
      keys: this.#watched.size + this.#lost.size,
      givenUp: this.#lost.size,
      reasons,
      configurations: watched.reduce((sum, { held }) => sum + held, 0),
      bytes: watched.reduce((sum, { bytes }) => sum + KEY_BYTES + bytes, KEY_BYTES * this.#lost.size),
    };
  }

  get unfollowed(): string | undefined {
    const { keys, givenUp, reasons } = this.watching;
    if (givenUp === 0) return undefined;
    return `${givenUp} of ${count(keys, 'key')} (${listOf(Object.entries(reasons).map(([reason, n]) => `${n}: ${reason}`), REASONS_SHOWN)})`;
  }

  observe(op: Op): Anomaly | undefined {
    if (this.#done || !isClientOp(op)) return undefined;
    return op.type === 'invoke' ? this.#invoked(op) : this.#completed(op, op.type);
  }

  #invoked(event: Op): undefined {
    const { process, key, f, value, index } = event;
    const op: Pending = { f, argument: value, index };
    this.#open.set(process, { op, key });
    if (this.#lost.has(key)) return;
    const watched = this.#watched.get(key) ?? new BothWays(this.#model, { initial: this.#initial, maxConfigurations: this.#maxConfigurations }, this.#judging);
    // Put in anew, as the one used last.
    this.#watched.delete(key);
    this.#watched.set(key, watched);
    watched.observe({ type: 'invoke', op });
    this.#drop(key, watched.givenUp);
    if (this.#watched.size > this.#maxKeys) this.#dropIdle();
  }

  #completed(event: Op, type: 'ok' | 'fail' | 'info'): Anomaly | undefined {
    const open = this.#open.get(event.process);
    if (open === undefined) return undefined;
    this.#open.delete(event.process);
    const { op, key } = open;
    const step: Step = type === 'ok' ? { type, op, result: event.value, index: event.index } : { type, op };
    const watched = this.#watched.get(key);
    let found = this.#anomaly(watched?.observe(step), key, event);
    if (!this.#judging && type === 'ok' && this.#model.echoes?.includes(op.f) === true && canonical(op.argument) !== canonical(event.value)) found ??= this.#judge(event);
    if (found === undefined) this.#drop(key, watched?.givenUp);
    return found;
  }

  #judge(event: Op): Anomaly | undefined {
    this.#judging = true;
    for (const [key, watched] of this.#watched) {
      const found = this.#anomaly(watched.judge(), key, event);
      if (found !== undefined) return found;
      this.#drop(key, watched.givenUp);
    }
    return undefined;
  }

  #anomaly(found: Contradiction | undefined, key: Key | undefined, event: Op): Anomaly | undefined {
    if (found === undefined) return undefined;
    this.#done = true;
    this.#watched.clear();
    this.#open.clear();
    const ops = [...new Set([...found.ops, event.index])].sort((a, b) => a - b);
    return { kind: 'not-linearizable', message: found.message, ops, ...(key === undefined ? {} : { key }) };
  }

  #drop(key: Key | undefined, reason: string | undefined): void {
    if (reason === undefined) return;
    this.#watched.delete(key);
    this.#lost.set(key, reason);
  }

  #dropIdle(): void {
    for (const [key, watched] of this.#watched) {
      if (watched.open === 0) return this.#drop(key, 'too many keys');
    }
  }
}
