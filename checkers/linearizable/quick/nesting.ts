import { coverOf } from './covering.js';
import { MinTree } from './min-tree.js';

/** More than any position. */
const NEVER = 2 ** 30 - 1;

/** Bounds of when elements came and went, see Lifetimes. */
export interface Bounds {
  readonly comesFrom: Int32Array;
  readonly cameBy: Int32Array;
  readonly goesFrom: Int32Array;
  readonly goneBy: Int32Array;
}

/**
 * Whether the elements can come and go like those of a stack: undefined if so, else elements that cannot together.
 *
 * An element that is in the stack from p to q is an interval; a history is linearizable if instants within the bounds can be chosen such that any
 * two intervals are disjoint or one contains the other. Elements are taken out one by one so that the answer stays the same ("decrease and conquer" as in
 * Lee and Mathur, OOPSLA 2025, with a choice of elements of our own). That an element less cannot spoil a linearization is plain; the rest:
 *
 * 1. If goesFrom < cameBy, both p and q can be at one instant between, with nothing between them: such elements can be taken out.
 *    Every other is there for certain in its zone, from cameBy to goesFrom, which is not empty.
 * 2. If no zone covers an instant t, each element can lie on one side: cameBy > t or goesFrom < t. Given a linearization of those left of t and one of
 *    those right of t, moving instants beyond t to t, in the same order, keeps them within their bounds (on the left goesFrom < t and comesFrom < cameBy < t).
 *    So the elements on the two sides are judged apart, and in the order put together the stack is empty at t, for all such t at once.
 * 3. Let the zones of a piece cover everything from B, its least cameBy, to C, its greatest goesFrom, so the stack is never empty between. What is at its
 *    bottom after B came before B, as the element that has cameBy = B was there at B already, and stays until after C. So some element has comesFrom < B and
 *    goneBy > C; if none has, the piece is impossible. If one has, it can be taken out: given a linearization of the others, let it come just after
 *    its comesFrom, and what comes earlier than that just after; bounds allow it, as comesFrom < B <= every cameBy, and goesFrom > B. Likewise at the end.
 *
 * Taking elements out splits pieces and moves B up and C down, so each element once passes "comesFrom < B" and once "goneBy > C", and goes when it passed
 * both. What is returned is a chain of zones that cover an impossible piece: it is impossible by itself, for the same reason. A tree over the elements by cameBy gives those that pass; another over the gaps between ends of zones, with the number of zones that
 * cover each, gives those that became bare. Each is taken out of its tree once: O(n log n) in all.
 */
export function impossibleNesting(bounds: Bounds): readonly number[] | undefined {
  const { comesFrom, cameBy, goneBy } = bounds;
  const { ends, elementAt, gapAfter } = zonesOf(bounds);
  const gaps = ends.length - 1;
  if (gaps < 1) return undefined;
  const early = new MinTree(valuesAt(elementAt, (element) => comesFrom[element] as number));
  const late = new MinTree(valuesAt(elementAt, (element) => -(goneBy[element] as number)));
  const covers = new MinTree(coverage(elementAt, gapAfter));
  const passed = new Uint8Array(cameBy.length);
  const pieces: (readonly [number, number])[] = [];
  split(covers, 0, gaps - 1, pieces);
  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    const [from, to] = piece;
    const out: number[] = [];
    early.takeBelow(ends[from] as number, from, to, out);
    late.takeBelow(-(ends[to + 1] as number), from, to, out);
    let removed = false;
    for (const at of out) {
      const element = elementAt[at] as number;
      passed[element] = (passed[element] as number) + 1;
      if (passed[element] !== 2) continue;
      removed = true;
      elementAt[at] = -1;
      covers.add(at, (gapAfter[element] as number) - 1, -1);
    }
    if (!removed) return coverOf(bounds, elementAt.subarray(from, to + 1).filter((element) => element >= 0), ends[from] as number, ends[to + 1] as number);
    split(covers, from, to, pieces);
  }
  return undefined;
}

interface Zones {
  /** Positions at which zones begin or end, ascending. Gap g is between ends g and g + 1. */
  readonly ends: Int32Array;
  /** By gap: the element whose zone begins with it, or -1. */
  readonly elementAt: Int32Array;
  /** By element: the gap after its last one. */
  readonly gapAfter: Int32Array;
}

function zonesOf({ cameBy, goesFrom }: Bounds): Zones {
  let last = 0;
  for (const position of goesFrom) last = Math.max(last, position);
  const index = new Int32Array(last + 1).fill(-1);
  for (let element = 0; element < cameBy.length; element++) {
    const [from, to] = [cameBy[element] as number, goesFrom[element] as number];
    if (from < to) index[from] = index[to] = 0;
  }
  let count = 0;
  for (let position = 0; position <= last; position++) if (index[position] === 0) index[position] = count++;
  const ends = new Int32Array(count);
  for (let position = 0; position <= last; position++) if ((index[position] as number) >= 0) ends[index[position] as number] = position;
  const elementAt = new Int32Array(Math.max(0, count - 1)).fill(-1);
  const gapAfter = new Int32Array(cameBy.length);
  for (let element = 0; element < cameBy.length; element++) {
    const [from, to] = [cameBy[element] as number, goesFrom[element] as number];
    if (from >= to) continue;
    elementAt[index[from] as number] = element;
    gapAfter[element] = index[to] as number;
  }
  return { ends, elementAt, gapAfter };
}

function valuesAt(elementAt: Int32Array, value: (element: number) => number): Int32Array {
  return elementAt.map((element) => (element < 0 ? NEVER : value(element)));
}

/** By gap: the number of zones that cover it. */
function coverage(elementAt: Int32Array, gapAfter: Int32Array): Int32Array {
  const covers = new Int32Array(elementAt.length + 1);
  for (let gap = 0; gap < elementAt.length; gap++) {
    const element = elementAt[gap] as number;
    if (element < 0) continue;
    covers[gap] = (covers[gap] as number) + 1;
    const after = gapAfter[element] as number;
    covers[after] = (covers[after] as number) - 1;
  }
  for (let gap = 1; gap < covers.length; gap++) covers[gap] = (covers[gap] as number) + (covers[gap - 1] as number);
  return covers.subarray(0, elementAt.length);
}

/** Takes the bare gaps from `from` to `to` out, and puts the pieces between them into `pieces`. */
function split(covers: MinTree, from: number, to: number, pieces: (readonly [number, number])[]): void {
  const bare: number[] = [];
  covers.takeBelow(1, from, to, bare);
  let begin = from;
  for (const gap of bare) {
    if (begin < gap) pieces.push([begin, gap - 1]);
    begin = gap + 1;
  }
  if (begin <= to) pieces.push([begin, to]);
}
