import { any, concat, onNemesis, onThreads, op, type Generator } from '../generator/index.js';
import type { StoredTimedFault, StoredTimedOp } from '../store/schema.js';

/** Client operations at their times, counted from `startNs` of the run's clock, each on its thread. */
export function timedOps(ops: readonly StoredTimedOp[], startNs: number): Generator {
  const threads = [...new Set(ops.map(({ thread }) => thread))].sort((a, b) => a - b);
  return any(...threads.map((thread) => {
    const own = ops.filter((each) => each.thread === thread).sort((a, b) => a.atMs - b.atMs);
    const drafts = own.map(({ f, key, value, atMs }) => op({ f, value, time: startNs + Math.round(atMs * 1e6), ...(key === undefined ? {} : { key }) }));
    return onThreads((candidate) => candidate === thread, concat(...drafts));
  }));
}

/** The faults of one nemesis at their times. One that would begin before the one before has ended waits for that. */
export function timedFaults(nemesis: string, faults: readonly StoredTimedFault[], startNs: number): Generator {
  const own = faults.filter((fault) => fault.nemesis === nemesis).sort((a, b) => a.atMs - b.atMs);
  const at = (ms: number): number => startNs + Math.round(ms * 1e6);
  return onNemesis(nemesis, concat(...own.flatMap(({ atMs, untilMs, value }) => [op({ f: 'start', value, time: at(atMs) }), op({ f: 'stop', value: null, time: at(untilMs) })])));
}
