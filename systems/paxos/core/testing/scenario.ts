/** A random run: clients and faults from one seed, then healing, and everything that can be said about the outcome. */
import type { CoreConfig, Json, NodeId, Operation, ReadMode, Reply, Request } from '../index.js';
import { jsonEqual } from '../json.js';
import { machineText } from '../machine.js';
import { InvariantChecker } from './invariants.js';
import { ReferenceModel } from './reference-model.js';
import { SimClient, type HistoryOp, type Order } from './sim-client.js';
import { SimCluster, type SimOptions } from './sim-cluster.js';
import { checkCounter, checkList } from './verdict.js';

export type FaultKind = 'partition' | 'one-way' | 'slow' | 'crash' | 'pause' | 'transfer' | 'members';

export interface ScenarioOptions extends Omit<SimOptions, 'observer' | 'config'> {
  readonly config?: Partial<CoreConfig>;
  readonly faults: readonly FaultKind[];
  readonly clients?: number;
  /** How the clients in turn read. */
  readonly reads?: readonly ReadMode[];
  readonly durationMs?: number;
  /** Time from one fault, or its healing, to the next; uniform between the two. */
  readonly faultEveryMs?: readonly [number, number];
  /** Virtual time within which the healed cluster must serve every client's node. */
  readonly healMs?: number;
}

export interface ScenarioResult {
  /** Broken invariants, seen from inside. */
  readonly violations: readonly string[];
  /** What clients can prove. */
  readonly anomalies: readonly string[];
  /** Whether writes succeed at every node after healing. */
  readonly live: boolean;
  /** Whether all nodes end with the same state. */
  readonly converged: boolean;
  readonly operations: { readonly ok: number; readonly fail: number; readonly info: number };
  /** Ballots in which values were proposed. */
  readonly leaders: number;
  /** How often the members changed. */
  readonly changes: number;
  readonly cluster: SimCluster;
}

const LISTS = ['list-a', 'list-b'] as const;
const COUNTER = 'counter';
const REGISTER = 'register';

/** Runs a scenario to its end. */
export function runScenario(options: ScenarioOptions): ScenarioResult {
  const { nodes, config = {}, durationMs = 4000, healMs = 3000 } = options;
  const majority = Math.floor(nodes / 2) + 1;
  const quorums = { q1: config.q1 ?? majority, q2: config.q2 ?? majority };
  const checker = new InvariantChecker({ nodes: Array.from({ length: nodes }, (_, i) => i + 1), ...quorums });
  const cluster = new SimCluster({ ...options, observer: checker });
  checker.watch(cluster);
  const history: HistoryOp[] = [];
  startClients(cluster, history, options, durationMs);
  disturb(cluster, options.faults, options.faultEveryMs ?? [50, 500], durationMs);
  cluster.run(durationMs);
  cluster.healAll();
  cluster.run(cluster.now + 1000);
  const live = cluster.members().every((id) => askUntil(cluster, id, write(`final-${id}`), cluster.now + healMs) !== undefined);
  const finals = live ? finalReads(cluster, healMs) : undefined;
  cluster.run(cluster.now + 300);
  const { bugs = [] } = options;
  const anomalies = finals === undefined ? [] : judge(history, finals);
  const violations = [...checker.violations];
  if (bugs.length === 0) violations.push(...new ReferenceModel(checker.chosen).disagreements(history));
  return {
    violations,
    anomalies,
    live: live && finals !== undefined,
    converged: hasConverged(cluster),
    operations: {
      ok: history.filter(({ outcome }) => outcome === 'ok').length,
      fail: history.filter(({ outcome }) => outcome === 'fail').length,
      info: history.filter(({ outcome }) => outcome === 'info').length,
    },
    leaders: checker.ballots.size,
    changes: checker.changes,
    cluster,
  };
}

/** Repeats a request at a node until it succeeds; undefined if it does not until then. */
export function askUntil(cluster: SimCluster, id: NodeId, request: Request, untilMs: number): Extract<Reply, { ok: true }> | undefined {
  let success: Extract<Reply, { ok: true }> | undefined;
  while (cluster.now < untilMs && success === undefined) {
    let answered = false;
    cluster.request(id, request, (reply) => {
      answered = true;
      if (reply.ok) success = reply;
    });
    cluster.run(Math.min(untilMs, cluster.now + 250), () => answered);
    if (success === undefined) cluster.run(cluster.now + 20);
  }
  return success;
}

function startClients(cluster: SimCluster, history: HistoryOp[], options: ScenarioOptions, untilMs: number): void {
  const order: Order = { next: 1 };
  let elements = 0;
  const { reads = ['log', 'read-index', 'lease', 'quorum'] } = options;
  const { electionTimeoutMs = 200 } = options.config ?? {};
  for (let id = 1; id <= (options.clients ?? 10); id++) {
    new SimClient(cluster, history, order, {
      id,
      home: cluster.ids[id % cluster.ids.length] as NodeId,
      retries: id % 2 === 0 ? 3 : 0,
      timeoutMs: electionTimeoutMs * (id % 3 === 0 ? 0.75 : 2),
      pauseMs: 8,
      untilMs,
      via: reads[id % reads.length],
      nextOp: (random): Operation => {
        const dice = random.float();
        const key = LISTS[Math.floor(random.float() * LISTS.length)] as string;
        if (dice < 0.4) return { f: 'append', key, value: ++elements };
        if (dice < 0.75) return { f: 'read', key };
        if (dice < 0.85) return { f: 'add', key: COUNTER, value: 1 };
        if (dice < 0.95) return { f: 'write', key: REGISTER, value: Math.floor(random.float() * 4) };
        return { f: 'cas', key: REGISTER, from: Math.floor(random.float() * 4), to: ++elements + 10 };
      },
    });
  }
}

/** Makes and heals faults at random times until the end. */
function disturb(
  cluster: SimCluster,
  faults: readonly FaultKind[],
  everyMs: readonly [number, number],
  untilMs: number,
): void {
  const { random } = cluster;
  const again = (): void => {
    if (cluster.now >= untilMs) return;
    if (random.float() < 0.4) cluster.healAll();
    else makeFault(cluster, faults[Math.floor(random.float() * faults.length)], untilMs);
    cluster.queue.at(cluster.now + random.between(...everyMs), again);
  };
  if (faults.length > 0) cluster.queue.at(random.between(300, 800), again);
}

function makeFault(cluster: SimCluster, fault: FaultKind | undefined, untilMs: number): void {
  const { random, network, ids } = cluster;
  const shuffled = [...ids].sort(() => random.float() - 0.5);
  const leader = cluster.leader();
  const victim = random.float() < 0.5 && leader !== undefined ? leader : (shuffled[0] as NodeId);
  const others = shuffled.filter((id) => id !== victim);
  switch (fault) {
    case 'partition': {
      const companions = Math.floor(random.float() * ((ids.length + 1) / 2));
      return network.partition([[victim, ...others.slice(0, companions)], others.slice(companions)]);
    }
    case 'one-way': {
      const inward = random.float() < 0.5;
      for (const other of others) network.cut(inward ? other : victim, inward ? victim : other);
      return;
    }
    case 'slow': {
      const byMs = random.between(50, 600);
      const inward = random.float() < 0.7;
      for (const other of others) network.slow(inward ? other : victim, inward ? victim : other, byMs);
      return;
    }
    case 'crash': {
      const count = random.float() < 0.7 ? 1 : Math.ceil(random.float() * ids.length);
      const victims = [victim, ...others].slice(0, count);
      for (const id of victims) cluster.crash(id);
      for (const id of victims) cluster.queue.at(cluster.now + random.between(10, 600), () => cluster.restart(id));
      return;
    }
    case 'transfer':
      if (leader !== undefined) cluster.request(leader, { kind: 'transfer', ...(random.float() < 0.5 ? { to: others[0] as NodeId } : {}) }, () => undefined);
      return;
    case 'members':
      return changeMembers(cluster, untilMs);
    case 'pause':
      cluster.pause(victim);
      cluster.queue.at(cluster.now + random.between(50, 900), () => cluster.resume(victim));
      return;
    case undefined:
      return;
  }
}

/** Adds a new node, removes one or two, or both at once; asks again until it is done or was tried nine times. Who is removed goes on for a while, and is then taken away. */
function changeMembers(cluster: SimCluster, untilMs: number): void {
  const { random } = cluster;
  const members = [...cluster.members()].sort(() => random.float() - 0.5);
  const dice = random.float();
  const add = members.length < 4 || (members.length < 7 && dice < 0.6) ? [cluster.addNode()] : [];
  const remove = add.length === 0 ? members.slice(0, members.length > 4 && dice < 0.8 ? 2 : 1) : dice < 0.3 ? members.slice(0, 1) : [];
  const request: Request = { kind: 'reconfigure', add: add.map((id) => ({ id, at: `place-${id}` })), remove };
  const ask = (tries: number): void => {
    let answered = false;
    const next = (): void => {
      if (!answered && tries > 0 && cluster.now < untilMs) ask(tries - 1);
      answered = true;
    };
    const known = cluster.members();
    cluster.queue.at(cluster.now + 400, next);
    cluster.request(known[Math.floor(random.float() * known.length)] as NodeId, request, (reply) => {
      if (reply.ok || reply.code === 'bad-request') answered = true;
      if (reply.ok) for (const id of remove) cluster.queue.at(cluster.now + random.between(100, 1500), () => retireWhenSafe(cluster, id));
    });
  };
  ask(8);
}

/** As an operator would: when a leader is established among members that this one does not belong to. */
function retireWhenSafe(cluster: SimCluster, id: NodeId): void {
  const leader = cluster.leader();
  const state = leader === undefined ? undefined : cluster.state(leader);
  const safe = state?.role.kind === 'leader' && state.log.chosenUpTo >= state.role.barrier && state.membership.voters.every((voter) => voter.id !== id);
  if (safe) cluster.retire(id);
  else cluster.queue.at(cluster.now + 50, () => retireWhenSafe(cluster, id));
}

function finalReads(cluster: SimCluster, healMs: number): ReadonlyMap<string, Json> | undefined {
  const finals = new Map<string, Json>();
  for (const key of [...LISTS, COUNTER]) {
    for (const id of cluster.members()) {
      const reply = askUntil(cluster, id, { kind: 'operation', op: { f: 'read', key } }, cluster.now + healMs);
      if (reply === undefined) return undefined;
      const before = finals.get(key);
      if (before === undefined) finals.set(key, reply.value);
      else if (!jsonEqual(before, reply.value)) finals.set(`${key} at ${id}`, reply.value);
    }
  }
  return finals;
}

function judge(history: readonly HistoryOp[], finals: ReadonlyMap<string, Json>): string[] {
  const ofKey = (key: string): HistoryOp[] => history.filter(({ op }) => op.key === key);
  const anomalies = LISTS.flatMap((key) => checkList(ofKey(key), (finals.get(key) ?? []) as readonly Json[]));
  anomalies.push(...checkCounter(ofKey(COUNTER), Number(finals.get(COUNTER) ?? 0)));
  for (const name of finals.keys()) if (name.includes(' at ')) anomalies.push(`final reads differ: ${name}`);
  return anomalies;
}

function hasConverged(cluster: SimCluster): boolean {
  const texts = cluster.members().map((id) => {
    const state = cluster.state(id);
    return state === undefined ? 'down' : `${state.applied} ${machineText(state.machine)}`;
  });
  return new Set(texts).size === 1;
}

function write(value: string): Request {
  return { kind: 'operation', op: { f: 'write', key: 'final', value } };
}
