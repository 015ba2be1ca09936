import type { StoredPlan, StoredScript, StoredTimedFault, StoredTimedOp } from '../../store/schema.js';

/** An operation of a script with the phase it stands in. */
export interface PlacedOp {
  readonly phase: 'load' | 'core' | 'final';
  readonly op: StoredTimedOp;
}

export type ScriptedPlan = StoredPlan & { readonly script: StoredScript };

/** All client operations of a script, in order. */
export function placedOps({ script }: ScriptedPlan): readonly PlacedOp[] {
  const placed = (phase: PlacedOp['phase'], ops: readonly StoredTimedOp[] = []): readonly PlacedOp[] => ops.map((op) => ({ phase, op }));
  return [...placed('load', script.load), ...placed('core', script.core?.ops), ...placed('final', script.final)];
}

/** The plan with these operations and no others. */
export function withOps(plan: ScriptedPlan, placed: readonly PlacedOp[]): ScriptedPlan {
  const of = (phase: PlacedOp['phase']): StoredTimedOp[] => placed.filter((each) => each.phase === phase).map(({ op }) => op);
  const { core } = plan.script;
  return fitted({ ...plan, script: { ...plan.script, load: of('load'), final: of('final'), core: core === null || core === undefined ? null : { ...core, ops: of('core') } } });
}

/** The plan with these faults and no others; nemeses that have none take no part. */
export function withFaults(plan: ScriptedPlan, faults: readonly StoredTimedFault[]): ScriptedPlan {
  return fitted({ ...plan, nemeses: plan.nemeses.filter((name) => faults.some(({ nemesis }) => nemesis === name)), script: { ...plan.script, faults: [...faults] } });
}

/** So long the load lasts after the last thing that happens in it. */
const TAIL_MS = 100;

/** The load lasts as long as something happens in it. */
export function fitted(plan: ScriptedPlan): ScriptedPlan {
  const { load = [], faults = [] } = plan.script;
  const last = Math.max(0, ...load.map(({ atMs }) => atMs), ...faults.map(({ untilMs }) => untilMs));
  return { ...plan, timeMs: Math.ceil(last) + TAIL_MS };
}

/** Every gap in which nothing is scheduled becomes at most so long, milliseconds. */
export function squeezed(plan: ScriptedPlan, gapMs: number): ScriptedPlan {
  const { load = [], faults = [], final = [], core } = plan.script;
  const inLoad = compressor([...load.map(({ atMs }) => atMs), ...faults.flatMap(({ atMs, untilMs }) => [atMs, untilMs])], gapMs);
  const inFinal = compressor(final.map(({ atMs }) => atMs), gapMs);
  const inCore = compressor((core?.ops ?? []).map(({ atMs }) => atMs), gapMs);
  const at = (ops: readonly StoredTimedOp[], map: (ms: number) => number): StoredTimedOp[] => ops.map((op) => ({ ...op, atMs: map(op.atMs) }));
  return fitted({
    ...plan,
    script: {
      ...plan.script,
      load: at(load, inLoad),
      faults: faults.map((fault) => ({ ...fault, atMs: inLoad(fault.atMs), untilMs: inLoad(fault.untilMs) })),
      final: at(final, inFinal),
      core: core === null || core === undefined ? null : { ...core, ops: at(core.ops, inCore) },
    },
  });
}

function compressor(moments: readonly number[], gapMs: number): (ms: number) => number {
  const sorted = [...new Set([0, ...moments])].sort((a, b) => a - b);
  const mapped = new Map<number, number>();
  let at = 0;
  sorted.forEach((moment, i) => {
    at += i === 0 ? 0 : Math.min(gapMs, moment - (sorted[i - 1] ?? 0));
    mapped.set(moment, at);
  });
  return (ms) => mapped.get(ms) ?? ms;
}

/** The nodes that clients of the script work at, or that its faults name. */
export function nodesIn(plan: ScriptedPlan): readonly string[] {
  const ofThreads = placedOps(plan).map(({ op }) => `n${(op.thread % plan.nodes) + 1}`);
  return [...new Set(ofThreads)].sort();
}

/** The plan on fewer nodes: these, renamed in order; undefined if the script cannot do without the others. */
export function onFewerNodes(plan: ScriptedPlan, nodes: number): ScriptedPlan | undefined {
  const used = nodesIn(plan);
  if (used.length > nodes || plan.nodes <= nodes) return undefined;
  const all = Array.from({ length: plan.nodes }, (_, i) => `n${i + 1}`);
  const kept = [...used, ...all.filter((name) => !used.includes(name))].slice(0, nodes).sort();
  const names = new Map(kept.map((name, i) => [name, `n${i + 1}`]));
  const perNode = Math.ceil(plan.concurrency / plan.nodes);
  const thread = (old: number): number => {
    const place = Number((names.get(`n${(old % plan.nodes) + 1}`) ?? 'n1').slice(1)) - 1;
    return place + nodes * Math.floor(old / plan.nodes);
  };
  const moved = withOps(plan, placedOps(plan).map(({ phase, op }) => ({ phase, op: { ...op, thread: thread(op.thread) } })));
  const core = moved.script.core ?? null;
  return {
    ...moved,
    nodes,
    concurrency: perNode * nodes,
    script: {
      ...moved.script,
      faults: (moved.script.faults ?? []).map((fault) => ({ ...fault, value: renamed(fault.value, names) })),
      core: core === null ? null : { ...core, core: core.core.flatMap((name) => names.get(name) ?? []), ailments: Object.fromEntries(Object.entries(core.ailments).flatMap(([name, ailment]) => (names.has(name) ? [[names.get(name) as string, ailment]] : []))) },
    },
  };
}

/** Node names in data: renamed, and taken out of lists if they are gone. */
function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => (typeof item === 'string' && /^n\d+$/.test(item) ? (names.has(item) ? [names.get(item)] : []) : [renamed(item, names)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, names)]));
}
