import type { Key } from '../../history/op.js';
import type { Random } from '../../random/random.js';
import { clusters } from '../../registry.js';
import type { StoredTimedFault } from '../../store/schema.js';
import { ddmin } from './ddmin.js';
import { fitted, onFewerNodes, placedOps, squeezed, withFaults, withOps, type ScriptedPlan } from './script-edit.js';
import type { Trials } from './trials.js';

/** A way to make a failing plan smaller. It gives a plan that fails in the same way: the given one, if nothing can be left out. */
export interface Pass {
  /** As the object of a sentence: `faults`. */
  readonly name: string;
  shrink(plan: ScriptedPlan, tools: ShrinkTools): Promise<ScriptedPlan>;
}

export interface ShrinkTools {
  readonly trials: Trials;
  readonly random: Random;
  /** The key of the anomaly, if it has one. */
  readonly key: Key | undefined;
}

/** A candidate that leaves much out is tried with so many other fates of the messages too. */
const RESEEDS = 4;

/** Keeps the first of these that fails in the same way, as it stands or, failing that, with other fates of its messages. */
async function firstOf(plan: ScriptedPlan, candidates: readonly ScriptedPlan[], { trials, random }: ShrinkTools, reseeds = RESEEDS): Promise<ScriptedPlan> {
  const found = await trials.first(candidates);
  if (found >= 0) return candidates[found] ?? plan;
  const virtual = clusters[plan.cluster]?.virtual;
  if (virtual === undefined) return plan;
  const others = candidates.flatMap((candidate, i) => Array.from({ length: reseeds }, (_, n) => ({ ...candidate, world: virtual.reseed(candidate.world, random.fork(`${trials.count} ${i} ${n}`)) })));
  const at = await trials.first(others);
  return at >= 0 ? (others[at] ?? plan) : plan;
}

const otherKeys: Pass = {
  name: 'other keys',
  shrink: (plan, tools) => (tools.key === undefined ? Promise.resolve(plan) : firstOf(plan, [withOps(plan, placedOps(plan).filter(({ op }) => op.key === tools.key))], tools)),
};

const phases: Pass = {
  name: 'phases',
  shrink: async (plan, tools) => {
    const without = await firstOf(plan, [{ ...plan, script: { ...plan.script, core: null, final: [] } }], tools, 1);
    if (without !== plan) return without;
    const noCore = plan.script.core === null ? plan : await firstOf(plan, [{ ...plan, script: { ...plan.script, core: null } }], tools, 1);
    return (noCore.script.final ?? []).length === 0 ? noCore : firstOf(noCore, [{ ...noCore, script: { ...noCore.script, final: [] } }], tools, 1);
  },
};

/** What comes late in the load: half of it, a quarter of what is left ... */
const lateThings: Pass = {
  name: 'what comes after',
  shrink: async (plan, tools) => {
    let kept = plan;
    for (const part of [0.5, 0.75, 0.9]) {
      const end = kept.timeMs * part;
      const candidate = withOps(withFaults(kept, (kept.script.faults ?? []).filter(({ atMs }) => atMs < end).map((fault) => ({ ...fault, untilMs: Math.min(fault.untilMs, end) }))), placedOps(kept).filter(({ phase, op }) => phase !== 'load' || op.atMs < end));
      if ((await tools.trials.first([candidate])) === 0) kept = candidate;
    }
    return kept;
  },
};

const faults: Pass = {
  name: 'faults',
  shrink: async (plan, { trials }) => withFaults(plan, await ddmin(plan.script.faults ?? [], (candidates) => trials.first(candidates.map((each) => withFaults(plan, each))))),
};

const clients: Pass = {
  name: 'clients',
  shrink: async (plan, { trials }) => {
    const threads = [...new Set(placedOps(plan).map(({ op }) => op.thread))];
    const of = (kept: readonly number[]): ScriptedPlan => withOps(plan, placedOps(plan).filter(({ op }) => kept.includes(op.thread)));
    return of(await ddmin(threads, (candidates) => trials.first(candidates.map(of))));
  },
};

const operations: Pass = {
  name: 'operations',
  shrink: async (plan, { trials }) => withOps(plan, await ddmin(placedOps(plan), (candidates) => trials.first(candidates.map((each) => withOps(plan, each))))),
};

/** A quieter world: all of it at once, or one trouble after the other. */
const world: Pass = {
  name: 'trouble of the world',
  shrink: async (plan, tools) => {
    const virtual = clusters[plan.cluster]?.virtual;
    if (virtual === undefined) return plan;
    const steps = virtual.calmer(plan.world);
    let kept = plan;
    for (const calm of steps.whole) {
      kept = await firstOf(kept, [{ ...kept, world: calm }], tools);
      if (kept !== plan) return kept;
    }
    for (const calmer of steps.single) kept = await firstOf(kept, [{ ...kept, world: calmer(kept.world) }], tools, 2);
    return kept;
  },
};

/** How often the time in which messages fare badly is halved, at most. */
const HALVINGS = 6;

/** As few links as can be on which messages fare otherwise than quickly and in order, and for as short a time. */
const messages: Pass = {
  name: 'trouble of links',
  shrink: async (plan, { trials }) => {
    const virtual = clusters[plan.cluster]?.virtual;
    if (virtual === undefined) return plan;
    const on = (links: readonly string[]): ScriptedPlan => ({ ...plan, world: virtual.confine(plan.world, { links }) });
    const links = virtual.troubledLinks(plan.world, plan.nodes);
    const few = links.length === 0 ? links : await ddmin(links, (candidates) => trials.first(candidates.map(on)));
    let kept = few.length === links.length ? plan : on(few);
    let [from, to] = [0, kept.timeMs + 1000];
    for (let i = 0; few.length > 0 && i < HALVINGS; i++) {
      const middle = (from + to) / 2;
      const halves = ([[from, middle], [middle, to]] as const).map((timeMs) => ({ timeMs, plan: { ...kept, world: virtual.confine(kept.world, { timeMs }) } }));
      const half = halves[await trials.first(halves.map((each) => each.plan))];
      if (half === undefined) break;
      kept = half.plan;
      [from, to] = half.timeMs;
    }
    return kept;
  },
};

const options: Pass = {
  name: 'options of the system',
  shrink: async (plan, tools) => {
    let kept = plan;
    for (const name of Object.keys(plan.systemOptions).filter((each) => each !== 'bugs')) {
      const rest = Object.fromEntries(Object.entries(kept.systemOptions).filter(([other]) => other !== name));
      kept = await firstOf(kept, [{ ...kept, systemOptions: rest }], tools, 1);
    }
    return kept;
  },
};

const nodes: Pass = {
  name: 'nodes',
  shrink: async (plan, tools) => {
    const fewer = onFewerNodes(plan, 3);
    return fewer === undefined ? plan : firstOf(plan, [fewer], tools);
  },
};

const gaps: Pass = {
  name: 'idle time',
  shrink: async (plan, tools) => {
    let kept = plan;
    for (const gapMs of [1000, 400, 150, 50]) {
      const next = await firstOf(kept, [squeezed(kept, gapMs)], tools, 2);
      if (next === kept) break;
      kept = next;
    }
    return kept;
  },
};

const lengths: Pass = {
  name: 'length of faults',
  shrink: async (plan, { trials }) => {
    let kept = plan;
    for (let i = 0; i < (kept.script.faults ?? []).length; i++) {
      for (const part of [0.2, 0.5]) {
        const shorter = fitted({ ...kept, script: { ...kept.script, faults: (kept.script.faults ?? []).map((fault, at): StoredTimedFault => (at === i ? { ...fault, untilMs: fault.atMs + part * (fault.untilMs - fault.atMs) } : fault)) } });
        if ((await trials.first([shorter])) !== 0) continue;
        kept = shorter;
        break;
      }
    }
    return kept;
  },
};

/** What is tried once, in order: what leaves most out comes first. */
export const FIRST_PASSES: readonly Pass[] = [phases, lateThings, otherKeys, faults, clients, operations, world, options, nodes, messages, gaps];
/** What is tried again until nothing gets smaller. */
export const LATER_PASSES: readonly Pass[] = [phases, faults, clients, operations, world, messages, lengths, gaps, nodes];
