import { canonical } from '../shared/canonical.js';
import type { Entry } from './entries.js';
import type { ModelOp } from './model.js';
import type { AnyModel } from './models/index.js';

/** Bits in a word of a mask. */
export const WORD = 32;

/**
 * A history of one object laid out for the search. Operations known to have happened are numbered in order of invocation and hold a
 * *slot* while they are open, so that a configuration needs bits for open operations only. Indeterminate operations of equal
 * effect are interchangeable: they form a class, of which only the number used so far counts.
 */
export interface Timeline {
  readonly entries: readonly Entry[];
  /** Operations (numbers) in order of completion: the steps of the search. */
  readonly returns: Int32Array;
  /** Before step t, operations below opened[t] have been invoked. */
  readonly opened: Int32Array;
  /** By operation: index into entries, slot, kind, step at which it completes. */
  readonly entry: Int32Array;
  readonly slot: Int32Array;
  readonly kind: Int32Array;
  readonly step: Int32Array;
  /** Slots in use at most: the concurrency. */
  readonly width: number;
  /** Operations that the model cannot tell apart have the same kind. */
  readonly kinds: readonly Kind[];
  readonly classes: readonly OptionalClass[];
  /** By operation: 1 if it need not happen (see `released`). */
  readonly optional: Uint8Array;
}

export interface Kind {
  readonly op: ModelOp;
  readonly observes: boolean;
  readonly overwrites: boolean;
}

export interface OptionalClass {
  readonly kind: number;
  /** By step: how many of them have been invoked before it. */
  readonly available: (step: number) => number;
  /** Indices into entries, in order of invocation. */
  readonly members: readonly number[];
}

/**
 * Lays out a history. What is `released` (by index into entries) loses its obligation: an observer is left out, any other operation may
 * take effect in its interval or not at all. That only adds ways to order the rest: if none is left, the full history has none.
 */
export function layOut(entries: readonly Entry[], model: AnyModel, released?: Uint8Array): Timeline {
  const kinds = new KindTable(model);
  const certain: number[] = [];
  const uncertain = new Map<number, number[]>();
  for (const [i, { op }] of entries.entries()) {
    const kind = kinds.of(op);
    if (released?.[i] === 1 && kinds.list[kind]?.observes === true) continue;
    if (op.known) certain.push(i);
    else {
      const members = uncertain.get(kind);
      if (members === undefined) uncertain.set(kind, [i]);
      else members.push(i);
    }
  }
  const inv = certain.map((i) => (entries[i] as Entry).inv);
  const ret = certain.map((i) => (entries[i] as Entry).ret);
  const returns = Int32Array.from(certain.keys()).sort((a, b) => (ret[a] ?? 0) - (ret[b] ?? 0));
  const at = Array.from(returns, (op) => ret[op] ?? 0);
  const { slot, opened, width } = assignSlots(inv, at, returns);
  const step = new Int32Array(certain.length);
  returns.forEach((op, t) => (step[op] = t));
  return {
    entries, returns, opened, slot, width, step,
    entry: Int32Array.from(certain),
    kind: Int32Array.from(certain, (i) => kinds.of((entries[i] as Entry).op)),
    optional: Uint8Array.from(certain, (i) => released?.[i] ?? 0),
    kinds: kinds.list,
    classes: [...uncertain].map(([kind, members]) => ({ kind, members, available: invokedBefore(members.map((i) => (entries[i] as Entry).inv), at) })),
  };
}

class KindTable {
  readonly list: Kind[] = [];
  readonly #ids = new Map<string, number>();
  readonly #known = new Map<ModelOp, number>();

  constructor(private readonly model: AnyModel) {}

  of(op: ModelOp): number {
    const known = this.#known.get(op);
    if (known !== undefined) return known;
    const key = `${op.f} ${canonical(op.argument)} ${op.known ? canonical(op.result) : '?'}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.list.push({ op, observes: this.model.observes?.(op) === true, overwrites: this.model.overwrites?.(op) === true }) - 1;
      this.#ids.set(key, id);
    }
    this.#known.set(op, id);
    return id;
  }
}

function assignSlots(inv: readonly number[], at: readonly number[], returns: Int32Array): Pick<Timeline, 'slot' | 'opened' | 'width'> {
  const slot = new Int32Array(inv.length);
  const opened = new Int32Array(returns.length + 1);
  const free: number[] = [];
  let [next, width] = [0, 0];
  for (let t = 0; t < returns.length; t++) {
    for (; next < inv.length && (inv[next] ?? 0) < (at[t] ?? 0); next++) slot[next] = free.pop() ?? width++;
    opened[t] = next;
    free.push(slot[returns[t] ?? 0] ?? 0);
  }
  opened[returns.length] = next;
  return { slot, opened, width };
}

function invokedBefore(inv: readonly number[], at: readonly number[]): (step: number) => number {
  return (step) => {
    const position = at[step] ?? Infinity;
    let [low, high] = [0, inv.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((inv[middle] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
