import type { Generator, GeneratorContext, Key, Next, Op, OpDraft } from '../../src/index.js';

/**
 * Operations over a window of keys that rotates: a few keys are in use at a time, so that clients meet on them, and each
 * is replaced by a fresh one after `opsPerKey` operations, so that a key's history stays short enough to be read by a
 * person, while the window goes on for as long as the run lasts.
 */
export interface RotatingKeys {
  /** Keys in use at a time. */
  readonly width: number;
  readonly opsPerKey: number;
  /** Values seen lately on a key that `choose` is given. */
  readonly memory: number;
  /**
   * Makes the next operation on a key. `serial` is a whole number from 1 that no other operation of the run gets: the
   * source of unique values. `seen` are the latest values that completions showed, newest first. `draw` is uniform in [0, 1).
   */
  readonly choose: (input: { readonly serial: number; readonly seen: readonly unknown[]; readonly draw: (i: number) => number }) => Pick<OpDraft, 'f' | 'value'>;
  /** The current value of the key that a completion shows, or undefined. */
  readonly observe: (event: Op) => { readonly value: unknown } | undefined;
}

interface KeyState {
  readonly key: Key;
  readonly used: number;
  readonly seen: readonly unknown[];
}

const DRAWS_PER_OP = 4;

/** The endless generator of a RotatingKeys plan. */
export function rotatingKeys(plan: RotatingKeys): Generator {
  const window = Array.from({ length: plan.width }, (_, i) => freshKey(i));
  return new RotatingKeysGenerator(plan, window, plan.width, 1);
}

/** Names of keys: k0, k1 ... */
function freshKey(i: number): KeyState {
  return { key: `k${i}`, used: 0, seen: [] };
}

class RotatingKeysGenerator implements Generator {
  /** It is asked again and again before its operation is due, and all that it goes by is its place in the tree. */
  #answer: { readonly path: number; readonly next: Next } | undefined;

  constructor(
    private readonly plan: RotatingKeys,
    private readonly window: readonly KeyState[],
    private readonly nextKey: number,
    private readonly serial: number,
  ) {}

  next(context: GeneratorContext): Next {
    if (this.#answer?.path !== context.path) this.#answer = { path: context.path, next: this.#next(context) };
    return this.#answer.next;
  }

  #next(context: GeneratorContext): Next {
    const base = this.serial * DRAWS_PER_OP;
    const at = Math.floor(context.draw(base) * this.window.length);
    const state = this.window[at] ?? freshKey(0);
    const chosen = this.plan.choose({ serial: this.serial, seen: state.seen, draw: (i) => context.draw(base + 1 + i) });
    const spent = state.used + 1 >= this.plan.opsPerKey;
    const window = this.window.with(at, spent ? freshKey(this.nextKey) : { key: state.key, used: state.used + 1, seen: state.seen });
    return {
      kind: 'op',
      op: { f: chosen.f, value: chosen.value, key: state.key },
      rest: new RotatingKeysGenerator(this.plan, window, this.nextKey + (spent ? 1 : 0), this.serial + 1),
    };
  }

  update(_context: GeneratorContext, event: Op): Generator {
    if (event.type !== 'ok' || event.key === undefined) return this;
    const at = this.window.findIndex((state) => state.key === event.key);
    const state = this.window[at];
    const observed = state === undefined ? undefined : this.plan.observe(event);
    if (state === undefined || observed === undefined) return this;
    const seen = [observed.value, ...state.seen].slice(0, this.plan.memory);
    return new RotatingKeysGenerator(this.plan, this.window.with(at, { ...state, seen }), this.nextKey, this.serial);
  }
}
