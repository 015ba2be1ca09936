import { majoritySize, minoritySize, waitUntil, type FaultValue, type Node, type ProgramState, type Run } from '../../src/index.js';
import { aimAtLeader, nodeNames, type Aim } from './aim.js';
import type { ScheduledKind } from './schedule.js';

/** Whom a fault of processes hits: the first so many in the order of nodes. */
export interface TargetKind {
  /** As the object of a verb: "one node". */
  readonly whom: string;
  readonly minNodes: number;
  readonly atLeader?: true;
  /** Faults that leave no quorum are shorter, or a run has little to show. */
  readonly lengthFactor?: number;
  readonly count: (n: number) => number;
}

export const TARGET_KINDS: Readonly<Record<string, TargetKind>> = {
  one: { whom: 'one node', minNodes: 1, count: () => 1 },
  minority: { whom: 'as many nodes as leave a majority', minNodes: 5, count: minoritySize },
  majority: { whom: 'a majority of the nodes', minNodes: 3, lengthFactor: 0.6, count: majoritySize },
  all: { whom: 'all nodes', minNodes: 2, lengthFactor: 0.5, count: (n) => n },
  leader: { whom: 'the leader', minNodes: 2, atLeader: true, count: () => 1 },
};

/** Kinds with what they do: `describeKinds('Kills')` -> `Kills one node.` ... */
export function describeKinds(verb: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(TARGET_KINDS).map(([name, kind]) => [name, `${verb} ${kind.whom}.`]));
}

/** The kinds that make sense for the run's number of nodes. */
export function scheduledTargets(run: Run): readonly ScheduledKind[] {
  const n = nodeNames(run).length;
  return Object.entries(TARGET_KINDS).flatMap(([name, { minNodes, lengthFactor }]) => (minNodes > n ? [] : [{ name, ...(lengthFactor === undefined ? {} : { lengthFactor }) }]));
}

/** So long is waited until the others leave a node that is worth hitting, ms. */
const PATIENCE_MS = 3000;

/** The nodes that an aim means now, those in a state worth hitting first, and the fault's value, for the record. */
export async function resolveTargets(run: Run, aim: Aim, signal: AbortSignal, worth: readonly ProgramState[] = ['running'], isFree?: (node: Node) => boolean): Promise<{ readonly nodes: readonly Node[]; readonly value: FaultValue }> {
  const kind = TARGET_KINDS[aim.kind];
  const leaderAim = kind?.atLeader === true ? await aimAtLeader(run, aim.order, signal) : undefined;
  const order = await worthFirst(run, leaderAim?.order ?? aim.order, worth, isFree, signal);
  const targets = order.slice(0, kind?.count(nodeNames(run).length) ?? 0);
  const nodes = targets.flatMap((name) => run.cluster.nodes.find((node) => node.name === name) ?? []);
  const value = { kind: aim.kind, targets, ...(leaderAim === undefined ? {} : { leader: leaderAim.leader }), ...(leaderAim?.note === undefined ? {} : { note: leaderAim.note }) };
  return { nodes, value };
}

/**
 * Those in a state in which the fault has something to bite, and free for it, before those that another fault has down, paused or in its hands; otherwise as drawn. Where there is none
 * of them it waits a while for one.
 */
export async function worthFirst(run: Run, order: readonly string[], worth: readonly ProgramState[], isFree: (node: Node) => boolean = () => true, signal?: AbortSignal): Promise<readonly string[]> {
  const look = async (): Promise<ReadonlySet<string>> => {
    const found = await Promise.all(run.cluster.nodes.map(async (node) => (isFree(node) && worth.includes(await node.state()) && isFree(node) ? [node.name] : [])));
    return new Set(found.flat());
  };
  let good = await look();
  const wait = { clock: run.clock, timeoutMs: PATIENCE_MS, intervalMs: 50, ...(signal === undefined ? {} : { signal }) };
  if (good.size === 0) await waitUntil('a node that is free', async () => (good = await look()).size > 0, wait).catch(() => undefined);
  return [...order.filter((name) => good.has(name)), ...order.filter((name) => !good.has(name))];
}

/** Findings on several nodes as evidence: `n1, n3: gone; n2: already stopped`. */
export function evidenceOf(findings: ReadonlyMap<string, string>): string {
  const byFinding = new Map<string, string[]>();
  for (const [node, finding] of findings) byFinding.set(finding, [...(byFinding.get(finding) ?? []), node]);
  return [...byFinding].map(([finding, nodes]) => `${nodes.sort().join(', ')}: ${finding}`).join('; ');
}
