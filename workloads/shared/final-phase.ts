import { gen, type Generator, type Key, type OpDraft, type Run } from '../../src/index.js';

/** A client that fails so often in the final phase is stuck; its other attempts would show nothing new. */
const MAX_ATTEMPTS = 500;

/** What the final phase needs to know of a workload. */
export interface FinalPhase {
  /** A change that shows that a client can work again. `id` is unique to the thread and the attempt: an attempt that ended in `info` may still take effect. */
  readonly probe: (id: string) => Pick<OpDraft, 'f' | 'value'>;
  /** What shows what became of a key; a read, if left out. */
  readonly look?: Pick<OpDraft, 'f' | 'value'>;
  /** The nodes look at the keys in different orders: where looking is work that they can only do one after the other. */
  readonly apart?: boolean;
}

/**
 * After healing: every client repeats a change until it succeeds, each on another of the latest keys, and then the pinned
 * client of every node reads every key, again until it succeeds. So a node that stays stuck shows, and so does what became of every write.
 */
export function finalPhase(run: Run, keys: readonly Key[], plan: FinalPhase, phase = 'final'): Generator {
  const nodes = run.cluster.nodes.length;
  const latest = keys.slice(-4);
  const perThread = Array.from({ length: run.concurrency }, (_, thread) => {
    const key = latest[thread % Math.max(1, latest.length)];
    const probes = key === undefined ? [] : [gen.untilOk(gen.fromIterable(attempts((attempt) => ({ ...plan.probe(`${phase}-${thread}-${attempt}`), key }))))];
    const from = plan.apart === true ? Math.floor((thread * keys.length) / nodes) : 0;
    const reads = thread < nodes ? [...keys.slice(from), ...keys.slice(0, from)].map((each) => gen.untilOk(gen.repeat({ ...(plan.look ?? { f: 'read', value: null }), key: each }))) : [];
    return gen.onThreads((candidate) => candidate === thread, gen.concat(...probes, ...reads));
  });
  return gen.any(...perThread);
}

/** Made when they are needed: nearly always the first will do. */
function* attempts(make: (attempt: number) => OpDraft): Iterable<OpDraft> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) yield make(attempt);
}
