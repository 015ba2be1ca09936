import type { Blocks } from './blocks.js';
import { Digraph } from './digraph.js';
import { predecessors, type Steps, type Version } from './steps.js';

/** Why one node must come before another; the labels of the graph's edges. */
export const EDGE = {
  /** A session did the one, then the other. */
  session: 0,
  /** The one wrote what the other read or replaced. */
  source: 1,
  /** The one read what the other replaced. */
  replaced: 2,
  /** A step, and the end of its block. */
  end: 3,
  /** The end of the block of an initial value, and a write. */
  initial: 4,
  /** Blocks of one register may not overlap, and a step of the first precedes one of the second: so the end of the first precedes the write of the second. */
  apart: 5,
} as const;

/**
 * What every sequentially consistent order must respect. Nodes below the number of steps are steps, the others stand for the ends of blocks: node
 * `steps + b` comes after all of block b. In registers whose values repeat only sessions demand anything.
 */
export function demandGraph({ steps, versions, registers }: Steps, { blocks, of }: Blocks): Digraph {
  const graph = new Digraph(steps.length + blocks.length);
  const all = steps.map((_, id) => id);
  predecessors(steps, all).forEach((earlier, id) => {
    if (earlier >= 0) graph.edge(earlier, id, EDGE.session);
  });
  for (const { register, writers, readers, consumers } of versions) {
    if (registers[register]?.repeated !== undefined) continue;
    const [cas] = consumers;
    for (const writer of writers) {
      for (const reader of readers) graph.edge(writer, reader, EDGE.source);
      if (cas !== undefined && readers.length === 0) graph.edge(writer, cas, EDGE.source);
    }
    if (cas !== undefined) for (const reader of readers) graph.edge(reader, cas, EDGE.replaced);
  }
  blocks.forEach(({ head, ends }, b) => {
    for (const id of ends) graph.edge(id, steps.length + b, EDGE.end);
    if (head >= 0) {
      const initial = initialBlock({ steps, versions, registers }, of, blocks[b]?.register as number);
      if (initial >= 0) graph.edge(steps.length + initial, head, EDGE.initial);
    }
  });
  registers.forEach(({ steps: own, repeated }) => {
    if (repeated === undefined) keepSessionsApart(graph, steps, own, of, blocks);
  });
  return graph;
}

/** What follows at once from blocks of one register not overlapping: a session that goes from one to another orders them. */
function keepSessionsApart(graph: Digraph, steps: Steps['steps'], own: readonly number[], of: Int32Array, blocks: Blocks['blocks']): void {
  predecessors(steps, own).forEach((earlier, id) => {
    const head = blocks[of[id] as number]?.head ?? -1;
    if (earlier >= 0 && of[earlier] !== of[id] && head >= 0) graph.edge(steps.length + (of[earlier] as number), head, EDGE.apart);
  });
}

/** The block of a register's initial value, -1 if nobody saw it. */
function initialBlock({ versions, registers }: Steps, of: Int32Array, register: number): number {
  const { readers, consumers } = versions[registers[register]?.versions[0] as number] as Version;
  const seen = readers[0] ?? consumers[0];
  return seen === undefined ? -1 : (of[seen] as number);
}
