import { atMost, type Budget } from '../shared/budget.js';
import { count } from '../shared/words.js';
import { blocksOf, valueFaults } from './blocks.js';
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
 * it did later. The problem is NP-complete, so there are three stages: what makes a single register impossible; demands that follow from each other until
 * they contradict (both exact, and enough for most violations); and a search for an order, which finds one quickly if the
 * history is near to linearizable, and else goes on until everything was tried or a limit is hit.
 */
export function sequential(history: Steps, budget: Budget): LevelResult {
  const faults = history.registers.flatMap((register) => valueFaults(history, register));
  if (faults.length > 0) return { valid: false, summary: `not sequentially consistent: ${count(faults.length, 'impossible value')}`, anomalies: faults };
  const blocks = blocksOf(history);
  const incoherent = history.registers.flatMap((register: Register) => (register.repeated === undefined ? (cacheFault(history, register, blocks) ?? []) : []));
  if (incoherent.length > 0) return { valid: false, summary: `not sequentially consistent: ${count(incoherent.length, 'key')} not even alone`, anomalies: incoherent };
  const graph = demandGraph(history, blocks);
  const { rounds, added, limit } = saturate(graph, history, blocks, atMost(budget, budget.timeMs / 2));
  const detail = { steps: history.steps.length, rounds, demands: graph.edges, derived: added, ...(limit === undefined ? {} : { demandsLimit: limit }) };
  const cycle = graph.cycle();
  if (cycle !== undefined) {
    return { valid: false, summary: 'not sequentially consistent: demands on the order contradict each other', anomalies: [explainCycle(cycle, graph, history, blocks)], detail };
  }
  const found = findWitness(graph, history, blocks, budget);
  if (found.kind === 'valid') return { valid: true, summary: `sequentially consistent (${count(history.steps.length, 'operation')} in order)`, anomalies: [], detail };
  const of = history.steps.filter(({ required }) => required).length;
  if (found.kind === 'invalid') {
    return { valid: false, summary: 'not sequentially consistent: every order was tried', anomalies: [explainExhausted(history, found.placed, of, found.stuck)], detail };
  }
  const reached = `${found.placed.toLocaleString('en-US')} of ${count(of, 'operation')} in order`;
  return { valid: 'unknown', summary: `undecided: the ${found.limit} limit was hit with ${reached}`, anomalies: [], detail: { ...detail, placed: found.placed } };
}
