import { atMost, remainingMs, type Budget } from '../shared/budget.js';
import { count, grouped } from '../shared/words.js';
import { blocksOf, valueFaults, type Blocks } from './blocks.js';
import { cacheFault } from './cache.js';
import { demandGraph } from './demands.js';
import { explainCycle, explainExhausted } from './explain-order.js';
import type { LevelResult } from './levels.js';
import { saturate } from './saturate.js';
import type { Register, Steps } from './steps.js';
import { findWitness } from './witness.js';

/**
 * Sequential consistency (Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs", IEEE ToC C-28(9), 1979) of
 * all registers together. An operation whose outcome is unknown comes after what its session did before it, and anywhere relative to what
 * it did later. The problem is NP-complete, so three things are done: what makes a single register impossible is looked for; demands are drawn from demands until
 * they contradict (both exact, and enough for most violations); and an order is searched for, which finds one quickly if the
 * history is near to linearizable, and else goes on until everything was tried or a limit is hit.
 */
export function sequential(history: Steps, budget: Budget): LevelResult {
  const faults = history.registers.flatMap((register) => valueFaults(history, register));
  if (faults.length > 0) return { valid: false, summary: `not sequentially consistent: ${count(faults.length, 'impossible value')}`, anomalies: faults };
  const blocks = blocksOf(history);
  const incoherent = history.registers.flatMap((register: Register) => (register.repeated === undefined ? (cacheFault(history, register, blocks) ?? []) : []));
  if (incoherent.length > 0) return { valid: false, summary: `not sequentially consistent: ${count(incoherent.length, 'key')} not even alone`, anomalies: incoherent };
  return byStages(history, blocks, budget);
}

/**
 * Lanes followed and dead ends allowed, stage by stage. A history near to linearizable needs no derived demands; the lanes of a few long sessions mostly
 * suffice for a contradiction; only what is still open then is worth all the time there is.
 */
const STAGES = [
  { lanes: 0, deadEnds: 1024 },
  { lanes: 64, deadEnds: 8192 },
  { lanes: Infinity, deadEnds: Infinity },
] as const;

function byStages(history: Steps, blocks: Blocks, budget: Budget): LevelResult {
  const graph = demandGraph(history, blocks);
  const of = history.steps.filter(({ required }) => required).length;
  let open: LevelResult | undefined;
  let rounds = 0;
  for (const { lanes, deadEnds } of STAGES) {
    const saturation = lanes === 0 ? undefined : saturate(graph, history, blocks, atMost(budget, remainingMs(budget) / 2), lanes);
    rounds += saturation?.rounds ?? 0;
    const detail = { steps: history.steps.length, rounds, demands: graph.edges };
    const cycle = graph.cycle();
    if (cycle !== undefined) {
      return { valid: false, summary: 'not sequentially consistent: demands on the order contradict each other', anomalies: [explainCycle(cycle, graph, history, blocks)], detail };
    }
    const last = saturation !== undefined && saturation.limit !== 'lanes';
    const found = findWitness(graph, history, blocks, budget, last ? Infinity : deadEnds);
    if (found.kind === 'valid') return { valid: true, summary: `sequentially consistent (${count(history.steps.length, 'operation')} in order)`, anomalies: [], detail };
    if (found.kind === 'invalid') {
      return { valid: false, summary: 'not sequentially consistent: every order was tried', anomalies: [explainExhausted(history, found.placed, of, found.stuck)], detail };
    }
    const reached = `${grouped(found.placed)} of ${count(of, 'operation')} in order`;
    open = { valid: 'unknown', summary: `undecided: the ${found.limit} limit was hit with ${reached}`, anomalies: [], detail: { ...detail, placed: found.placed } };
    if (found.limit !== 'dead-ends') break;
  }
  return open as LevelResult;
}
