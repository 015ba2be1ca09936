import { z } from 'zod';
import { FaultlineError, waitUntil, type Node, type NodeStatus, type Run, type System } from '../../src/index.js';
import { paxosClients } from './client.js';
import { HttpClient } from './http-client.js';
import { paxosOptions } from './options.js';
import { COPY, powerLoss } from './power-loss.js';
import { PAXOS_BUGS } from './server/bugs.js';
import { pieceName, piecesAmong } from './server/files.js';

const statusSchema = z.object({
  node: z.number(),
  role: z.string(),
  ballot: z.string(),
  leader: z.number().optional(),
  established: z.boolean(),
  commit: z.number(),
  applied: z.number(),
  leaseMs: z.number(),
  snapshot: z.number(),
  incarnation: z.number(),
  counters: z.record(z.string(), z.number()),
  wallMs: z.number().optional(),
});

/** The bundled target: a Multi-Paxos replicated register service. */
export const paxosSystem: System = {
  name: 'paxos',
  description: 'The bundled Multi-Paxos replicated register service, with switchable bugs.',
  ports: ['client', 'peer'],
  peerPorts: ['peer'],
  options: paxosOptions,
  bugs: PAXOS_BUGS,
  promise: (options) => (paxosOptions.parse(options).reads === 'stale' ? 'sequential' : undefined),
  workloads: ['register', 'append', 'counter'],
  capabilities: ['power-loss'],
  appendOnlyFiles: (files) => piecesAmong(files).slice(-1).map(pieceName),
  install: async (node, run) => {
    const { exitCode, stderr } = await node.exec([...program(node), 'init', ...owner(node, run)]);
    if (exitCode !== 0) throw new FaultlineError('node-init', `${node.name} cannot be initialised (exit code ${exitCode}): ${stderr.trim()}`);
  },
  powerLoss,
  start: async (node, run) => node.start({ argv: commandOf(node, run), logFile: 'paxos.log' }),
  ready: async (node, run, signal) => {
    await waitUntil(`${node.name} to answer`, () => askStatus(node, AbortSignal.any([signal, AbortSignal.timeout(1000)])), { clock: run.clock, timeoutMs: 30_000, intervalMs: 25, signal });
  },
  status: async (node, _run, signal) => {
    const status = await askStatus(node, signal);
    return status === undefined ? undefined : nodeStatusOf(status);
  },
  primaries: async (run, signal) => {
    const answers = await Promise.all(run.cluster.nodes.map(async (node) => ({ node, status: await askStatus(node, signal) })));
    return answers
      .flatMap(({ node, status }) => (status?.role === 'leader' ? [{ name: node.name, ballot: status.ballot }] : []))
      .sort((a, b) => roundOf(b.ballot) - roundOf(a.ballot))
      .map(({ name }) => name);
  },
  client: paxosClients,
};

function program(node: Node): readonly [string, ...string[]] {
  return node.javascript(new URL('./server/main.js', import.meta.url));
}

/** Whose disk it is. */
function owner(node: Node, run: Run): readonly string[] {
  return ['--id', String(node.index + 1), '--cluster', run.id, '--data', node.dataDir];
}

function commandOf(node: Node, run: Run): [string, ...string[]] {
  const options = paxosOptions.parse(run.systemOptions);
  const { nodes } = run.cluster;
  checkQuorums(options.q1, options.q2, nodes.length);
  const address = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`;
  const others = nodes.filter((other) => other !== node);
  return [
    ...program(node),
    ...owner(node, run),
    ...(run.needs.includes('power-loss') ? ['--durable-copy', `${node.dataDir}/${COPY}`] : []),
    ...['--client', address(node.listen('client')), '--peer', address(node.listen('peer'))],
    ...['--peers', others.map((other) => `${other.index + 1}=${address(node.peer(other.name, 'peer'))}`).join(',')],
    ...(options.q1 === undefined ? [] : ['--q1', String(options.q1)]),
    ...(options.q2 === undefined ? [] : ['--q2', String(options.q2)]),
    ...['--reads', options.reads === 'mixed' ? 'log' : options.reads],
    ...(options.stableLeader ? [] : ['--no-stable-leader']),
    ...['--lease-ms', String(options.leaseMs), '--clock-error', String(options.clockError)],
    ...['--heartbeat-ms', String(options.heartbeatMs), '--election-timeout-ms', String(options.electionTimeoutMs), '--request-timeout-ms', String(options.requestTimeoutMs)],
    ...['--snapshot-every', String(options.snapshotEvery)],
    ...['--log-level', options.logLevel, '--exit-with-stdin'],
    ...options.bugs.flatMap((bug) => ['--bug', bug]),
  ];
}

/** The server refuses these as well; here the message names the option as it was given. */
function checkQuorums(q1: number | undefined, q2: number | undefined, nodes: number): void {
  const majority = Math.floor(nodes / 2) + 1;
  const [first, second] = [q1 ?? majority, q2 ?? majority];
  if (first <= nodes && second <= nodes && first + second > nodes) return;
  throw new FaultlineError('bad-option', `-o q1=${first}, q2=${second} with ${nodes} nodes: each must be at most ${nodes}, and q1 + q2 more than ${nodes}, or two leaders could choose different values`, {
    kind: 'usage',
    hint: `For example -o q1=${Math.max(majority, nodes - 1)} -o q2=${Math.max(2, nodes - Math.max(majority, nodes - 1) + 1)}.`,
  });
}

async function askStatus(node: Node, signal: AbortSignal): Promise<z.infer<typeof statusSchema> | undefined> {
  using http = new HttpClient();
  const exchange = await http.exchange('GET', node.endpoint('client'), '/status', undefined, signal);
  const parsed = exchange.kind === 'answer' ? statusSchema.safeParse(exchange.body) : undefined;
  return parsed?.data;
}

/** A node that has won an election counts as leading once its first command is chosen: before, nobody depends on it. */
function nodeStatusOf({ role, ballot, leader, established, commit, applied, leaseMs, snapshot, incarnation, counters, wallMs }: z.infer<typeof statusSchema>): NodeStatus {
  const believed = role === 'leader' && !established ? undefined : leader;
  return { role, term: ballot, life: String(incarnation), gauges: { commit, applied, leaseMs, snapshot }, counters, ...(wallMs === undefined ? {} : { wallMs }), ...(believed === undefined ? {} : { leader: `n${believed}` }) };
}

function roundOf(ballot: string): number {
  return Number(ballot.split('.')[0]);
}
