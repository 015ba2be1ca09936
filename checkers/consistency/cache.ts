import type { Anomaly } from '../../src/index.js';
import { showOperation, showSpan, showValue } from '../shared/words.js';
import { anomalyOf, type Block, type Blocks } from './blocks.js';
import { Digraph } from './digraph.js';
import { predecessors, type Register, type Step, type Steps } from './steps.js';

/**
 * Cache consistency (Goodman, "Cache Consistency and Sequential Consistency", 1989; also called coherence) of one register with unique
 * values: is there a legal order of its operations that keeps the order of each session?
 *
 * Why it is exact. In a legal order every block is in one piece, and inside it the layers come in order. So a step must not follow one of a later layer of
 * its own block in its session, and a session that goes from one block to another orders the two wholly. If both demands are met and the order of
 * blocks has no cycle, any order of blocks that extends it, each laid out by layers and inside a layer by session, is legal and keeps the sessions.
 * It is enough to look at neighbours in a session: demands between others follow. One pass, in time linear in the number of steps.
 */
export function cacheFault(history: Steps, register: Register, { blocks, of, layer }: Blocks): Anomaly | undefined {
  const { steps } = history;
  const before = predecessors(steps, register.steps);
  const numbers = new Map<number, number>();
  const nodes: number[] = [];
  const nodeOf = (block: number): number => {
    const known = numbers.get(block);
    if (known !== undefined) return known;
    numbers.set(block, nodes.push(block) - 1);
    return nodes.length - 1;
  };
  for (const id of register.steps) nodeOf(of[id] as number);
  const graph = new Digraph(nodes.length);
  const first = nodes.findIndex((block) => blocks[block]?.head === -1);
  for (const id of register.steps) {
    const earlier = before[id] as number;
    if (earlier < 0) continue;
    const [from, to] = [of[earlier] as number, of[id] as number];
    if (from === to) {
      if ((layer[earlier] as number) > (layer[id] as number)) return backwards(history, register, earlier, id);
    } else graph.edge(nodeOf(from), nodeOf(to), id);
  }
  if (first >= 0) for (let node = 0; node < nodes.length; node++) if (node !== first) graph.edge(first, node, -1);
  const cycle = graph.cycle();
  if (cycle === undefined) return undefined;
  const pairs = cycle.flatMap((edge) => {
    const later = graph.label(edge);
    return later < 0 ? [] : { earlier: before[later] as number, later, from: blocks[nodes[graph.from(edge)] as number] as Block, to: blocks[nodes[graph.to(edge)] as number] as Block };
  });
  return crossed(history, register, pairs);
}

interface Pair {
  readonly earlier: number;
  readonly later: number;
  readonly from: Block;
  readonly to: Block;
}

function backwards({ steps, versions }: Steps, register: Register, earlier: number, later: number): Anomaly {
  const [a, b] = [steps[earlier] as Step, steps[later] as Step];
  const seen = showValue(versions[b.needs]?.value);
  const older = b.role === 'read' && a.needs !== b.makes ? `${seen} had been replaced by then` : 'that can only have come before it';
  return anomalyOf('backwards-in-session', `After ${showOperation(a.operation)} the same session did ${showOperation(b.operation)}, but ${older}.`, [a.operation, b.operation], register);
}

function crossed({ steps, versions }: Steps, register: Register, pairs: readonly Pair[]): Anomaly {
  const name = ({ head }: Block): string => {
    const value = head < 0 ? versions[register.versions[0] as number]?.value : versions[(steps[head] as Step).makes]?.value;
    return head < 0 ? `the initial value ${showValue(value)}` : showValue(value);
  };
  const operations = pairs.flatMap(({ earlier, later }) => [(steps[earlier] as Step).operation, (steps[later] as Step).operation]);
  const told = pairs.map(({ earlier, later, from, to }) => {
    const [a, b] = [steps[earlier] as Step, steps[later] as Step];
    return `after ${showOperation(a.operation)} the same session did ${showOperation(b.operation)}, so the time of ${name(from)} was before that of ${name(to)}`;
  });
  const heads = pairs.flatMap(({ from, to }) => [from.head, to.head]).filter((head) => head >= 0);
  const start = pairs.some(({ to }) => to.head === -1) ? ['the initial value comes first'] : [];
  const writes = [...new Set(heads)].map((head) => (steps[head] as Step).operation).filter((operation) => !operations.includes(operation));
  const sources = writes.length === 0 ? '' : ` (Written by: ${writes.map((operation) => showSpan(operation)).join('; ')}.)`;
  return anomalyOf('no-order-of-writes', `${capital([...told, ...start].join('; and '))}: that cannot all be.${sources}`, [...operations, ...writes], register);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
