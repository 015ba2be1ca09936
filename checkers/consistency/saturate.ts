import { expired, type Budget } from '../shared/budget.js';
import type { Block, Blocks } from './blocks.js';
import { EDGE } from './demands.js';
import type { Digraph } from './digraph.js';
import type { Step, Steps } from './steps.js';

/** What was done to draw demands from demands. */
export interface Saturation {
  /** Why not all that follow were drawn, if so: the time, or more lanes than were allowed or have room. */
  readonly limit?: 'time' | 'lanes';
  /** Passes over the graph. */
  readonly rounds: number;
  /** Demands that were added. */
  readonly added: number;
}

/** Writes that begin blocks, in chains: every write of a lane certainly comes before the next one. */
interface Lanes {
  readonly count: number;
  /** By block: its lane and its place there, from 1; lane -1 for blocks without a write, and of lanes that are not followed. */
  readonly lane: Int32Array;
  readonly place: Int32Array;
  /** By lane and register: the blocks in order. */
  readonly blocks: readonly (readonly (readonly number[] | undefined)[])[];
}

/**
 * Adds to the graph what follows from blocks of one register not overlapping, until nothing more follows or there is a cycle: if the write of block A
 * comes before any step of block B (so before its end), then all of A comes before the write of B. A cycle proves that there is no legal order; without one
 * there may still be none, as deciding that is NP-complete even for unique values (Gibbons & Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997).
 *
 * Of the writes that come before a node it is enough to know the last of each lane: the earlier ones of that lane and register are before it already,
 * wholly. So a pass costs O(edges × lanes). The room for it is nodes × lanes numbers. If there are more
 * than `mostLanes`, or than there is room for, only the longest lanes are followed: what is drawn then is still true.
 */
export function saturate(graph: Digraph, { steps, registers }: Steps, { blocks }: Blocks, budget: Budget, mostLanes: number): Saturation {
  const room = Math.floor(budget.memoryBytes / 2 / Int32Array.BYTES_PER_ELEMENT / (graph.nodes + blocks.length));
  const all = lanesOf(steps, blocks, registers.length);
  const lanes = longest(all, Math.min(mostLanes, room));
  const limited = lanes.count < all.count ? { limit: 'lanes' as const } : {};
  const known = new Int32Array(blocks.length * lanes.count);
  const last = new Int32Array(graph.nodes * lanes.count);
  const headOf = new Int32Array(steps.length).fill(-1);
  blocks.forEach(({ head }, b) => {
    if (head >= 0) headOf[head] = b;
  });
  const edges = graph.edges;
  for (let rounds = 1; ; rounds++) {
    const order = graph.topological();
    const before = graph.edges;
    if (order.length < graph.nodes) return { ...limited, rounds, added: before - edges };
    if (expired(budget)) return { limit: 'time', rounds, added: before - edges };
    propagate(graph, order, last, lanes, headOf);
    keepApart(graph, steps.length, blocks, last, lanes, known);
    if (graph.edges === before) return { ...limited, rounds, added: before - edges };
  }
}

/** For every node and lane: the place of the last write of the lane that comes before the node or is the node. */
function propagate(graph: Digraph, order: Int32Array, last: Int32Array, { count, lane, place }: Lanes, headOf: Int32Array): void {
  const out = graph.outgoing();
  last.fill(0);
  for (const node of order) {
    const row = node * count;
    const block = node < headOf.length ? (headOf[node] as number) : -1;
    if (block >= 0 && (lane[block] as number) >= 0) {
      const at = row + (lane[block] as number);
      last[at] = Math.max(last[at] as number, place[block] as number);
    }
    for (let i = out.start[node] as number; i < (out.start[node + 1] as number); i++) {
      const next = graph.to(out.edge[i] as number) * count;
      for (let l = 0; l < count; l++) if ((last[row + l] as number) > (last[next + l] as number)) last[next + l] = last[row + l] as number;
    }
  }
}

/** `known` holds, by block and lane, the place of the last block that was put before it. */
function keepApart(graph: Digraph, steps: number, blocks: readonly Block[], last: Int32Array, lanes: Lanes, known: Int32Array): void {
  const { count, place } = lanes;
  for (let b = 0; b < blocks.length; b++) {
    const { head, register } = blocks[b] as Block;
    if (head < 0) continue;
    const row = (steps + b) * count;
    for (let l = 0; l < count; l++) {
      const reach = last[row + l] as number;
      if (reach <= (known[b * count + l] as number)) continue;
      const before = lastUpTo(lanes.blocks[l]?.[register] ?? [], place, reach, b);
      if (before < 0 || (place[before] as number) <= (known[b * count + l] as number)) continue;
      known[b * count + l] = place[before] as number;
      graph.edge(steps + before, head, EDGE.apart);
    }
  }
}

/** The last of some blocks of a lane whose place is at most `reach`, other than `self`; -1: none. */
function lastUpTo(own: readonly number[], place: Int32Array, reach: number, self: number): number {
  let [low, high] = [0, own.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((place[own[middle] as number] as number) <= reach) low = middle + 1;
    else high = middle;
  }
  const found = own[low - 1] ?? -1;
  return found === self ? (own[low - 2] ?? -1) : found;
}

/** A lane for each session that writes. An indeterminate write which its session did not wait for has one of its own, unless the session began no block after it. */
function lanesOf(steps: readonly Step[], blocks: readonly Block[], registers: number): Lanes {
  const bySession = new Map<number, number>();
  const lane = new Int32Array(blocks.length).fill(-1);
  const place = new Int32Array(blocks.length);
  const lists: (number[] | undefined)[][] = [];
  const sizes: number[] = [];
  const heads = [...blocks.keys()].filter((b) => (blocks[b] as Block).head >= 0).sort((a, b) => (blocks[a] as Block).head - (blocks[b] as Block).head);
  const stepOf = (b: number): Step => steps[(blocks[b] as Block).head] as Step;
  const final = new Map(heads.map((b) => [stepOf(b).session, b]));
  const open = (): number => {
    lists.push(new Array<number[] | undefined>(registers));
    return sizes.push(0) - 1;
  };
  for (const b of heads) {
    const { session, certain } = stepOf(b);
    const apart = !certain && final.get(session) !== b;
    const own = apart ? open() : (bySession.get(session) ?? open());
    if (!apart) bySession.set(session, own);
    lane[b] = own;
    place[b] = ++sizes[own]!;
    const { register } = blocks[b] as Block;
    ((lists[own] as (number[] | undefined)[])[register] ??= []).push(b);
  }
  return { count: lists.length, lane, place, blocks: lists };
}

/** The lanes of most writes, renumbered. */
function longest(lanes: Lanes, most: number): Lanes {
  if (lanes.count <= most) return lanes;
  const sizes = new Int32Array(lanes.count);
  for (const lane of lanes.lane) if (lane >= 0) sizes[lane]!++;
  const chosen = [...sizes.keys()].sort((a, b) => (sizes[b] as number) - (sizes[a] as number)).slice(0, most);
  const number = new Int32Array(lanes.count).fill(-1);
  chosen.forEach((old, i) => (number[old] = i));
  const lane = lanes.lane.map((old) => (old < 0 ? old : (number[old] as number)));
  return { count: most, lane, place: lanes.place, blocks: chosen.map((old) => lanes.blocks[old] ?? []) };
}
