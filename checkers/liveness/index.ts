import { z } from 'zod';
import { NS_PER_MS, type Anomaly, type CheckContext, type Checker, type CheckResult, type History, type Key, type Operation } from '../../src/index.js';
import { faultsOf, inForce } from '../shared/faults.js';
import { groupBy, outcomesOf } from '../shared/figures.js';
import { count, listOf } from '../shared/words.js';

/** Shares of the bound: how much of it the history must cover (a runner's clock may end the phase a little early), and for how much of it a thing must have been tried. */
const WATCHED = 0.95;
const TRIED = 0.5;

/** Who or what must be served again: a node, or a key. */
interface Need {
  readonly name: string;
  readonly key?: Key;
  readonly operations: readonly Operation[];
}

interface Finding extends Progress {
  readonly need: Need;
  readonly phases: Phases;
}

/** How far a need was met, and for how long, ms, it was not. */
interface Progress {
  readonly state: 'served' | 'stuck' | 'open';
  readonly lasting: number;
  readonly firstOkMs?: number;
}

interface Phases {
  /** Times in nanoseconds: when healing was done and the final phase began, and the last event of the history. */
  readonly final: number;
  readonly finalIndex: number;
  readonly end: number;
  /** What it begins with, for messages. */
  readonly what: string;
}

/**
 * Whether the system came back: within the bound after all faults were healed every kind of operation that is tried must have succeeded once at every node,
 * on every key, and every client must have succeeded with something. The final operations are repeated until they succeed. False means "safe but stuck": no wrong answer, but no progress.
 */
export const liveness: Checker = {
  name: 'liveness',
  description: 'After healing, operations succeed again within the bound at every node, on every key and for every client.',
  judges: 'liveness',
  check: async (history, context) => check(history, context),
};

function check(history: History, context: CheckContext): CheckResult {
  const phases = phasesOf(history);
  const availability = availabilityOf(history);
  if (phases === undefined) {
    return { valid: 'unknown', summary: 'the history has no final phase: it was cut short before the faults were healed', anomalies: [], details: { availability } };
  }
  const operations = history.clientOperations();
  const alone = aloneIn(history, operations, context);
  const tried = operations.filter(({ invoke, completion }) => invoke.index > phases.finalIndex || (completion?.index ?? Infinity) > phases.finalIndex);
  const fresh = tried.filter(({ invoke }) => invoke.index > phases.finalIndex);
  const judged = (needs: readonly Need[]): readonly Finding[] => needs.map((need) => ({ need, phases, ...progress(need, phases, context.livenessBoundMs) }));
  const places = judged(needsOf(fresh, tried));
  const findings = [...alone, ...places, ...judged(clientsOf(fresh, places, context))];
  const stuck = findings.filter(({ state }) => state === 'stuck');
  const open = findings.filter(({ state }) => state === 'open');
  const untried = context.nodes.filter((node) => !tried.some(({ invoke }) => invoke.node === node) && operations.some(({ invoke }) => invoke.node === node));
  const recoveryMs = Object.fromEntries(places.flatMap(({ need, firstOkMs }) => (firstOkMs === undefined || need.key !== undefined ? [] : [[need.name, firstOkMs]])));
  return {
    valid: stuck.length > 0 ? false : tried.length === 0 || open.length > 0 || untried.length > 0 ? 'unknown' : true,
    summary: summaryOf(stuck.map(({ need }) => need), open.map(({ need }) => need), untried, tried, recoveryMs, context),
    anomalies: stuck.map((finding) => anomalyOf(finding)),
    details: { recoveryMs, boundMs: context.livenessBoundMs, availability },
  };
}

/**
 * What must be served: every function at every node where it was tried after healing, and every key; and a node where nothing new was tried
 * because an operation of before is still open there.
 */
function needsOf(fresh: readonly Operation[], tried: readonly Operation[]): readonly Need[] {
  const nodes = new Set(fresh.map(({ invoke }) => invoke.node));
  const held = tried.filter(({ invoke }) => invoke.node !== undefined && !nodes.has(invoke.node));
  const keyed = groupBy(fresh, ({ invoke }) => (invoke.key === undefined ? undefined : `key ${invoke.key}`));
  return [
    ...[...groupBy(fresh, ({ invoke }) => (invoke.node === undefined ? invoke.f : `${invoke.f} at ${invoke.node}`))].map(([name, operations]) => ({ name, operations })),
    ...[...groupBy(held, ({ invoke }) => `anything at ${invoke.node}`)].map(([name, operations]) => ({ name, operations })),
    ...[...keyed].map(([name, operations]) => ({ name, operations, ...keyOf(operations) })),
  ];
}

/** Clients of nodes that serve others: one that turned to another node in time may hide that its node serves nobody. */
function clientsOf(fresh: readonly Operation[], places: readonly Finding[], { concurrency }: CheckContext): readonly Need[] {
  if (concurrency === undefined) return [];
  const known = new Set(places.filter(({ state }) => state !== 'served').flatMap(({ need }) => need.operations.map(({ invoke }) => invoke.node)));
  const clients = groupBy(fresh, ({ invoke: { process, node } }) => (typeof process !== 'number' || known.has(node) ? undefined : `client ${process % concurrency}${node === undefined ? '' : ` at ${node}`}`));
  return [...clients].map(([name, operations]) => ({ name, operations }));
}

function keyOf(operations: readonly Operation[]): { readonly key?: Key } {
  const key = operations[0]?.invoke.key;
  return key === undefined ? {} : { key };
}

/**
 * `served` within the bound of its first try; `stuck` if not, although the history goes on to the bound after healing and it was
 * tried for a good part of that time; else `open`: the history ends too early to tell.
 */
function progress(need: Need, phases: Phases, boundMs: number): Progress {
  const first = Math.max(phases.final, Math.min(...need.operations.map(({ invoke }) => invoke.time)));
  const ok = Math.min(...need.operations.flatMap(({ completion }) => (completion?.type === 'ok' && completion.time >= phases.final ? completion.time : [])));
  const waited = ((Number.isFinite(ok) ? ok : phases.end) - first) / NS_PER_MS;
  const lasting = Math.round(waited);
  if (Number.isFinite(ok) && waited <= boundMs) return { state: 'served', lasting, firstOkMs: Math.round((ok - phases.final) / NS_PER_MS) };
  const watched = (phases.end - phases.final) / NS_PER_MS >= WATCHED * boundMs;
  return { state: watched && waited >= TRIED * boundMs ? 'stuck' : 'open', lasting };
}

function summaryOf(stuck: readonly Need[], open: readonly Need[], untried: readonly string[], tried: readonly Operation[], recoveryMs: Readonly<Record<string, number>>, context: CheckContext): string {
  const bound = `${context.livenessBoundMs / 1000} s`;
  if (stuck.length > 0) {
    const nothing = !tried.some(({ completion }) => completion?.type === 'ok');
    return `stuck: within ${bound} after healing ${nothing ? 'nothing succeeded at all' : `no success of ${listOf(stuck.map(({ name }) => name))}`}`;
  }
  if (tried.length === 0) return 'no operation was tried after healing';
  if (open.length > 0) return `the history ends before the bound of ${bound} after healing, without a success of ${listOf(open.map(({ name }) => name))}`;
  if (untried.length > 0) return `no operation was tried at ${listOf(untried)} after healing`;
  return `everything was served again within ${Math.max(0, ...Object.values(recoveryMs)) / 1000} s after healing (bound ${bound})`;
}

function anomalyOf({ need, lasting: lastingMs, phases }: Finding): Anomaly {
  const { ok, fail, info, open } = outcomesOf(need.operations);
  const late = ok > 0 ? 'the first success came too late' : `${fail} failed, ${info} timed out or broke off, ${open} never completed`;
  return {
    kind: 'stuck',
    message: `${need.name}: no success for ${lastingMs / 1000} s after ${phases.what} (#${phases.finalIndex}), in ${count(need.operations.length, 'attempt')} (${late}).`,
    ops: [phases.finalIndex, ...need.operations.slice(-3).map(({ invoke }) => invoke.index)].sort((a, b) => a - b),
    ...(need.key === undefined ? {} : { key: need.key }),
  };
}

function phasesOf(history: History): Phases | undefined {
  const final = history.ops.find((op) => op.process === 'runner' && op.f === 'phase' && op.value === 'final');
  if (final === undefined) return undefined;
  return { final: final.time, finalIndex: final.index, end: history.ops.at(-1)?.time ?? final.time, what: 'healing was done' };
}

const corePlan = z.object({ core: z.array(z.string()), ailments: z.record(z.string(), z.string()) });

/** Where a quorum had to make progress by itself, while all that was outside stayed broken: each of its clients must have succeeded within the bound. */
function aloneIn(history: History, operations: readonly Operation[], { livenessBoundMs, concurrency }: CheckContext): readonly Finding[] {
  const note = history.ops.find((op) => op.process === 'runner' && op.f === 'core');
  const plan = corePlan.safeParse(note?.value);
  if (note === undefined || !plan.success) return [];
  const over = history.ops.find((op) => op.index > note.index && op.process === 'runner' && op.f === 'phase');
  const sick = Object.entries(plan.data.ailments).map(([node, ailment]) => `${node} ${ailment}`).join(', ');
  const phases: Phases = { final: note.time, finalIndex: note.index, end: over?.time ?? history.ops.at(-1)?.time ?? note.time, what: `${plan.data.core.join(', ')} were left alone (${sick})` };
  const until = over?.index ?? Infinity;
  const own = operations.filter(({ invoke }) => invoke.index > note.index && invoke.index < until && plan.data.core.includes(invoke.node ?? ''));
  const clients = groupBy(own, ({ invoke: { process, node } }) => (typeof process !== 'number' ? undefined : `client ${concurrency === undefined ? process : process % concurrency} at ${node}, in a quorum that was left alone`));
  return [...clients].map(([name, tried]) => {
    // What began in the phase and ended after it shows nothing of it.
    const within = tried.map((operation) => ((operation.completion?.index ?? Infinity) < until ? operation : { invoke: operation.invoke }));
    const need: Need = { name, operations: within };
    return { need, phases, ...progress(need, phases, livenessBoundMs) };
  });
}

/** How much succeeded while faults were in force and while not, and the longest time without any success before healing. */
function availabilityOf(history: History): Readonly<Record<string, number>> {
  const { faults } = faultsOf(history);
  const heal = history.ops.find((op) => op.process === 'runner' && op.f === 'phase' && op.value === 'heal')?.time ?? Infinity;
  const load = history.clientOperations().filter(({ invoke }) => invoke.time < heal);
  const share = (operations: readonly Operation[]): number => Math.round((1000 * outcomesOf(operations).ok) / Math.max(1, operations.length)) / 1000;
  const times = load.flatMap(({ completion }) => (completion?.type === 'ok' && completion.time < heal ? completion.time : [])).sort((a, b) => a - b);
  const gaps = times.map((time, i) => time - (times[i - 1] ?? time));
  return {
    okDuringFaults: share(load.filter(({ invoke }) => inForce(faults, invoke.time))),
    okOtherwise: share(load.filter(({ invoke }) => !inForce(faults, invoke.time))),
    longestGapMs: Math.round(gaps.reduce((a, b) => Math.max(a, b), 0) / NS_PER_MS),
  };
}
