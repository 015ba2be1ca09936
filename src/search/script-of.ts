import { pairFaults } from '../history/fault-pairs.js';
import { History } from '../history/history.js';
import type { Op, Operation } from '../history/op.js';
import { momentOf, withFirst } from '../runner/moments.js';
import { phaseOf } from '../runner/phases.js';
import type { StoredPlan, StoredScript, StoredTimedFault, StoredTimedOp } from '../store/schema.js';

/** Where the phases of a history begin: nanoseconds, and indices of their events. */
interface Place {
  readonly atNs: number;
  readonly index: number;
}

/** What was done when in a recorded run: with it in its plan, the run does the same again, whatever the workload and the nemeses would choose. */
export function scriptOf({ concurrency }: Pick<StoredPlan, 'concurrency'>, ops: readonly Op[]): StoredScript {
  const history = History.from(ops);
  const [load, heal, core, final, done] = (['load', 'heal', 'core', 'final', 'done'] as const).map((phase) => placeOf(ops, phase));
  const endOfCore = core === undefined ? undefined : ops.find((op) => op.index > core.index && phaseOf(op) !== undefined);
  const calls = history.clientOperations();
  const between = (from: Place | undefined, to: { readonly index: number } | undefined): readonly StoredTimedOp[] =>
    from === undefined ? [] : calls.filter(({ invoke }) => invoke.index > from.index && invoke.index < (to?.index ?? Infinity)).map((call) => timedOp(call, from, concurrency));
  const note = ops.find((op) => op.process === 'runner' && op.f === 'core');
  const plan = note?.value as { readonly core: string[]; readonly ailments: Record<string, string> } | undefined;
  return {
    load: [...between(load, heal)],
    faults: load === undefined ? [] : [...timedFaults(history, load, heal)],
    core: plan === undefined ? null : { core: [...plan.core], ailments: { ...plan.ailments }, ops: [...between(core, endOfCore)] },
    final: [...between(final, done)],
  };
}

/** The faults alone: what can be done again where clients never do the same twice. */
export function faultsOf(ops: readonly Op[]): readonly StoredTimedFault[] {
  const load = placeOf(ops, 'load');
  return load === undefined ? [] : timedFaults(History.from(ops), load, placeOf(ops, 'heal'));
}

function placeOf(ops: readonly Op[], phase: string): Place | undefined {
  const op = ops.find((each) => phaseOf(each) === phase);
  return op === undefined ? undefined : { atNs: op.time, index: op.index };
}

function timedOp({ invoke: { process, time, f, key, value } }: Operation, from: Place, concurrency: number): StoredTimedOp {
  return { thread: Number(process) % concurrency, atMs: (time - from.atNs) / 1e6, f, value, ...(key === undefined ? {} : { key }) };
}

/** Faults from when they were begun to when they were to end; one that healing ended lasts to the end of the load. */
function timedFaults(history: History, load: Place, heal: Place | undefined): readonly StoredTimedFault[] {
  const { faults, failed } = pairFaults(history.operations);
  const end = heal?.atNs ?? history.ops.at(-1)?.time ?? load.atNs;
  const begun = [...faults.map(({ nemesis, start, stop }) => ({ nemesis, start, endNs: Math.min(end, stop === undefined ? end : stop.invoke.time + (momentOf(stop.completion?.value)?.waitedMs ?? 0) * 1e6) })), ...failed.filter(({ invoke }) => invoke.f === 'start').map((start) => ({ nemesis: String(start.invoke.process).slice('nemesis/'.length), start, endNs: start.completion?.time ?? end }))];
  return begun
    .map(({ nemesis, start, endNs }) => {
      const moment = momentOf(start.completion?.value);
      const { value } = start.invoke;
      return { nemesis, atMs: (start.invoke.time - load.atNs) / 1e6 + (moment?.waitedMs ?? 0), untilMs: (endNs - load.atNs) / 1e6, value: moment?.first === undefined ? value : withFirst(value, moment.first) };
    })
    .sort((a, b) => a.atMs - b.atMs);
}
