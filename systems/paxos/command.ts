import { FaultlineError, type Node, type Run } from '../../src/index.js';
import { paxosOptions, type PaxosOptions } from './options.js';
import { COPY } from './power-loss.js';

function program(node: Node): readonly [string, ...string[]] {
  return node.javascript(new URL('./server/main.js', import.meta.url));
}

/** Makes a node's disk, under a number that no node has had before. Throws FaultlineError. */
export async function initNode(node: Node, run: Run, id: number): Promise<void> {
  const { exitCode, stderr } = await node.exec([...program(node), 'init', '--id', String(id), ...owner(node, run)]);
  if (exitCode !== 0) throw new FaultlineError('node-init', `${node.name} cannot be initialised (exit code ${exitCode}): ${stderr.trim()}`);
}

/** Starts the program on its disk, which knows the node's number. */
export async function startNode(node: Node, run: Run): Promise<void> {
  await node.start({ argv: commandOf(node, run), logFile: 'paxos.log' });
}

function owner(node: Node, run: Run): readonly string[] {
  return ['--cluster', run.id, '--data', node.dataDir];
}

function commandOf(node: Node, run: Run): [string, ...string[]] {
  const options = paxosOptions.parse(run.systemOptions);
  const { nodes } = run.cluster;
  const { q1, q2 } = quorumsOf(options, nodes.length);
  const address = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`;
  const others = nodes.filter((other) => other !== node);
  return [
    ...program(node),
    ...owner(node, run),
    // Only a node that does not go by its disk has to be told.
    ...(options.bugs.includes('wiped-disk-rejoins') ? ['--id', String(node.index + 1)] : []),
    ...(run.needs.includes('power-loss') && run.cluster.powerCut === undefined ? ['--durable-copy', `${node.dataDir}/${COPY}`] : []),
    ...['--client', address(node.listen('client')), '--peer', address(node.listen('peer'))],
    ...['--places', others.map((other) => `${other.name}=${address(node.peer(other.name, 'peer'))}`).join(',')],
    ...['--peers', others.map((other) => `${other.index + 1}=${other.name}`).join(',')],
    ...['--voters', nodes.map((each) => each.index + 1).join(',')],
    ...['--q1', String(q1), '--q2', String(q2)],
    ...['--reads', options.reads === 'mixed' ? 'log' : options.reads],
    ...(options.stableLeader ? [] : ['--no-stable-leader']),
    ...['--lease-ms', String(options.leaseMs), '--clock-error', String(options.clockError)],
    ...['--heartbeat-ms', String(options.heartbeatMs), '--election-timeout-ms', String(options.electionTimeoutMs), '--request-timeout-ms', String(options.requestTimeoutMs)],
    ...['--snapshot-every', String(options.snapshotEvery)],
    ...['--log-level', options.logLevel, '--exit-with-stdin'],
    ...options.bugs.flatMap((bug) => ['--bug', bug]),
  ];
}

/** The sizes of both quorums. Throws FaultlineError for such as need not meet: the server refuses them as well, but here the message names the option as it was given. */
export function quorumsOf({ quorums, q1: given1, q2: given2 }: Pick<PaxosOptions, 'quorums' | 'q1' | 'q2'>, nodes: number): { readonly q1: number; readonly q2: number } {
  const majority = Math.floor(nodes / 2) + 1;
  const flexible = quorums === 'flexible';
  const [q1, q2] = [given1 ?? (flexible ? Math.max(1, nodes - 1) : majority), given2 ?? (flexible ? Math.min(2, nodes) : majority)];
  if (q1 <= nodes && q2 <= nodes && q1 + q2 > nodes) return { q1, q2 };
  throw new FaultlineError('bad-option', `-o q1=${q1}, q2=${q2} with ${nodes} nodes: each must be at most ${nodes}, and q1 + q2 more than ${nodes}, or two leaders could choose different values`, {
    kind: 'usage',
    hint: `For example -o quorums=flexible, or -o q1=${Math.max(majority, nodes - 1)} -o q2=${Math.max(2, nodes - Math.max(majority, nodes - 1) + 1)}.`,
  });
}
