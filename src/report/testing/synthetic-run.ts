import type { Op } from '../../history/op.js';
import { Random } from '../../random/random.js';
import type { StoredPlan, StoredResults, StoredRun } from '../../store/schema.js';
import { NS_PER_MS, NS_PER_S } from '../../time/clock.js';

/** What a synthetic run is to be like. */
export interface SyntheticRun {
  readonly seed: number;
  /** Number of client operations. */
  readonly operations: number;
  readonly verdict?: StoredResults['verdict'];
  /** Puts this text wherever text from outside can stand. */
  readonly hostile?: string;
  /** The clocks of the nodes are moved, and watched. */
  readonly clocks?: boolean;
}

/** A stored run as the report takes it. */
export interface StoredParts {
  readonly plan: StoredPlan;
  readonly run: StoredRun;
  readonly results: StoredResults;
  readonly ops: readonly Op[];
}

type Unplaced = Omit<Op, 'index'>;
const CLIENTS = 10;
const SECONDS = 30;
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

/** A run of a register service that looks like a real one, from a seed: for tests of what is drawn and told, not of verdicts. */
export function syntheticRun(wanted: SyntheticRun): StoredParts {
  const random = Random.fromSeed(wanted.seed);
  const events = [...clients(wanted, random.fork('clients')), ...faults(wanted, random.fork('faults')), ...notes(), ...(wanted.clocks === true ? clocks(wanted) : [])];
  const ops = events.sort((a, b) => a.time - b.time).map((event, index) => ({ index, ...event }));
  const plan = planOf(wanted);
  const run: StoredRun = { format: 1, id: `fl-${wanted.seed}`, version: '0.1.0', started: '2026-01-02T03:04:05.678Z', controllerPid: 4711, argv: ['test'] };
  return { plan, run, results: resultsOf(wanted, ops), ops };
}

function clients({ operations, hostile }: SyntheticRun, random: Random): readonly Unplaced[] {
  const events: Unplaced[] = [];
  const each = Math.ceil(operations / CLIENTS);
  for (let client = 0; client < CLIENTS; client++) {
    let process = client;
    let time = client * 1000;
    const gap = ((SECONDS - 1) * NS_PER_S) / each;
    for (let n = 0; n < each && client + n * CLIENTS < operations; n++) {
      const f = ['read', 'write', 'cas'][random.int(3)] ?? 'read';
      const key = random.int(8);
      const value = f === 'read' ? null : f === 'cas' ? [random.int(5), random.int(5)] : random.int(5);
      const slow = random.int(50) === 0;
      const latency = Math.round(gap * (slow ? 0.9 : 0.1 + random.int(50) / 100));
      const common = { f, key: hostile === undefined ? key : `${hostile}${key}`, node: NODES[client % NODES.length] ?? 'n1', process };
      events.push({ ...common, time, type: 'invoke', value });
      const fate = random.int(100);
      const type = fate < 90 ? 'ok' : fate < 96 ? 'fail' : 'info';
      events.push({ ...common, time: time + latency, type, value: type === 'ok' && f === 'read' ? (hostile ?? random.int(5)) : value, ...(type === 'ok' ? {} : { error: { code: type === 'fail' ? 'cas-mismatch' : 'timeout', message: hostile ?? 'no answer in time' } }) });
      if (type === 'info') process += CLIENTS;
      time += Math.round(gap);
    }
  }
  return events;
}

function faults({ hostile }: SyntheticRun, random: Random): readonly Unplaced[] {
  const seen = { effect: { observed: true, evidence: hostile ?? 'n1 lost 12 messages from n3' }, healed: { observed: true, evidence: 'messages flow again' } };
  const kinds: readonly { readonly process: string; readonly from: number; readonly value: Readonly<Record<string, unknown>> }[] = [
    { process: 'nemesis/partition', from: 3, value: { kind: 'majority-minority', targets: ['n1', 'n2'], drop: 'stall', grudge: { n1: ['n3', 'n4', 'n5'], n2: ['n3', 'n4', 'n5'], n3: ['n1', 'n2'], n4: ['n1', 'n2'], n5: ['n1', 'n2'] } } },
    { process: 'nemesis/kill', from: 9, value: { kind: 'leader', targets: ['n3'], killed: ['n3'] } },
    { process: 'nemesis/pause', from: 15, value: { kind: hostile ?? 'one', targets: ['n4'] } },
    { process: 'nemesis/slow', from: 20, value: { kind: 'around', targets: ['n5'], delayMs: 200 } },
  ];
  return kinds.flatMap(({ process, from, value }) => {
    const start = from * NS_PER_S + random.int(1000) * 1000;
    const stop = start + (2 + random.int(3)) * NS_PER_S;
    return [
      { process, f: 'start', type: 'invoke' as const, time: start, value },
      { process, f: 'start', type: 'info' as const, time: start + 20 * NS_PER_MS, value },
      { process, f: 'stop', type: 'invoke' as const, time: stop, value: null },
      { process, f: 'stop', type: 'info' as const, time: stop + 300 * NS_PER_MS, value: { ...value, ...seen } },
    ];
  });
}

function notes(): readonly Unplaced[] {
  const note = (process: string, f: string, at: number, value: unknown): Unplaced => ({ process, f, type: 'info', time: at * NS_PER_S, value });
  return [
    note('runner', 'phase', 0, 'load'),
    note('monitor', 'leader', 0.2, { node: 'n3', term: '1.3' }),
    note('monitor', 'leader', 9.8, { node: 'n5', term: '4.5' }),
    note('runner', 'phase', 26.5, 'heal'),
    note('runner', 'phase', 27.5, 'final'),
    note('runner', 'phase', 29.9, 'done'),
  ];
}

/** Two faults: n1 and n2 set wrong, and n3 drifting; n4 gives no answer for a while. */
function clocks({ hostile }: SyntheticRun): readonly Unplaced[] {
  const fault = (f: string, type: Op['type'], at: number, value: unknown): Unplaced => ({ process: 'nemesis/clock', f, type, time: at * NS_PER_S, value });
  const faults = ([['scramble', 6], ['drift', 18]] as const).flatMap(([kind, from]) => {
    const value = { kind: hostile ?? kind, targets: ['n1'], offsets: { n1: 90_000 } };
    return [fault('start', 'invoke', from, value), fault('start', 'info', from + 0.1, value), fault('stop', 'invoke', from + 3, null), fault('stop', 'info', from + 3.1, value)];
  });
  const offsets = (at: number): Readonly<Record<string, number>> => {
    const [wrong, drifting] = [at >= 6.2 && at < 9.2, at >= 18.2 && at < 21.2];
    return { n1: wrong ? 90_000 : 1.5, n2: wrong ? -250.5 : -2, n3: drifting ? (at - 18) * 500 : 0, ...(at >= 12 && at < 14 ? {} : { n4: 0.5 }), [hostile ?? 'n5']: -0.5 };
  };
  return [...faults, ...Array.from({ length: 5 * SECONDS - 1 }, (_, i): Unplaced => ({ process: 'monitor', f: 'clocks', type: 'info', time: (i / 5) * NS_PER_S, value: offsets(i / 5) }))];
}

function planOf({ seed, hostile }: SyntheticRun): StoredPlan {
  return {
    format: 1, seed, suite: 'register', system: 'paxos', systemOptions: hostile === undefined ? {} : { note: hostile }, bugs: hostile === undefined ? [] : [hostile], cluster: 'local', nodes: NODES.length,
    workload: 'register', nemeses: ['partition', 'kill', 'pause', 'slow'], timeMs: SECONDS * 1000, concurrency: CLIENTS, rate: 100, callTimeoutMs: 1000, livenessBoundMs: 10_000, keepData: false,
    command: `faultline test --seed ${seed}${hostile === undefined ? '' : ` --bug '${hostile}'`}`,
  };
}

function resultsOf({ verdict = 'valid', hostile }: SyntheticRun, ops: readonly Op[]): StoredResults {
  const invalid = verdict === 'invalid';
  const key = ops.find((op) => op.key !== undefined)?.key ?? 0;
  const own = ops.filter((op) => op.key === key);
  const middle = Math.floor(own.length / 2);
  const message = hostile ?? 'read 3 (#12, process 4) saw a value that write 4 (#9, process 2) had replaced: that had ended at #11, before it began.';
  const anomaly = { kind: 'stale-read', message, ops: own.slice(middle, middle + 6).map(({ index }) => index), key };
  const seen = { observed: true, evidence: hostile ?? 'n3: gone' };
  return {
    format: 1, runId: 'fl-1', verdict, ...(invalid ? { kind: 'safety' as const } : verdict === 'unknown' ? { kind: 'coverage' as const } : {}),
    headline: invalid ? message : 'Nothing that a correct system could not have answered.',
    checkers: [
      { name: 'linearizable', judges: 'safety', valid: !invalid, summary: invalid ? '1 of 8 keys is not linearizable' : 'all 8 keys are linearizable', anomalies: invalid ? [anomaly, { ...anomaly, kind: 'lost-update', ops: own.slice(-4).map(({ index }) => index) }] : [] },
      { name: 'liveness', judges: 'liveness', valid: true, summary: 'every client succeeded within 400 ms after healing', anomalies: [] },
      { name: 'coverage', judges: 'coverage', valid: verdict === 'unknown' ? 'unknown' : true, summary: 'all faults bit', anomalies: [] },
    ],
    operations: ['cas', 'read', 'write'].map((f) => ({ f, ok: 100, fail: 3, info: 4, p50Ms: 3.21, p99Ms: 45.6, maxMs: 1234 })),
    events: ops.length,
    faults: [
      { nemesis: 'partition', kind: 'majority-minority', targets: ['n1', 'n2'], fromMs: 3000, toMs: 6200, effect: seen, healed: seen },
      { nemesis: 'kill', kind: 'leader', targets: ['n3'], fromMs: 9000, toMs: null, effect: { ...seen, observed: false } },
    ],
    leaderChanges: 1,
    nodes: NODES.map((name) => ({ name, status: { role: 'follower', term: '4.5', counters: { elections: 3, note: hostile ?? 'none' } }, unexpectedExits: hostile === undefined ? [] : [hostile] })),
    troubles: hostile === undefined ? [] : [hostile],
    interrupted: false,
    durationMs: 34_567,
    checkMs: 120,
  };
}
