import { waitUntil, type NodeStatus, type System } from '../../src/index.js';
import { paxosClients } from './client.js';
import { initNode, quorumsOf, startNode } from './command.js';
import { PAXOS_CONTROLS } from './controls.js';
import { paxosMembers } from './members.js';
import { paxosOptions } from './options.js';
import { powerLoss } from './power-loss.js';
import { PAXOS_BUGS } from './server/bugs.js';
import { pieceName, piecesAmong } from './server/files.js';
import { paxosSimulation } from './simulate/index.js';
import { askStatus, placeOf, type PaxosStatus } from './status.js';
import { transferLeadership } from './transfer.js';

/** Nobody waits longer for a status, milliseconds. */
const STATUS_MS = 5000;

/** The bundled target: a Multi-Paxos replicated register service. */
export const paxosSystem: System = {
  name: 'paxos',
  description: 'The bundled Multi-Paxos replicated register service, with switchable bugs.',
  ports: ['client', 'peer'],
  peerPorts: ['peer'],
  options: paxosOptions,
  bugs: PAXOS_BUGS,
  controls: PAXOS_CONTROLS,
  promise: (options) => (paxosOptions.parse(options).reads === 'stale' ? 'sequential' : undefined),
  quorum: (options, nodes) => {
    const { q1, q2 } = quorumsOf(paxosOptions.parse(options), nodes);
    return Math.max(q1, q2);
  },
  workloads: ['register', 'append', 'counter'],
  capabilities: ['power-loss', 'membership', 'transfer'],
  appendOnlyFiles: (files) => piecesAmong(files).slice(-1).map(pieceName),
  install: async (node, run) => initNode(node, run, node.index + 1),
  powerLoss,
  members: paxosMembers,
  transfer: transferLeadership,
  simulate: paxosSimulation,
  start: async (node, run) => startNode(node, run),
  ready: async (node, run, signal) => {
    await waitUntil(`${node.name} to answer`, () => askStatus(node, run, { timeoutMs: 1000, signal }), { clock: run.clock, timeoutMs: 30_000, intervalMs: 25, signal });
  },
  status: async (node, run, signal) => {
    const status = await askStatus(node, run, { timeoutMs: STATUS_MS, signal });
    return status === undefined ? undefined : nodeStatusOf(status);
  },
  primaries: async (run, signal) => {
    const answers = await Promise.all(run.cluster.nodes.map(async (node) => ({ node, status: await askStatus(node, run, { timeoutMs: STATUS_MS, signal }) })));
    return answers
      .flatMap(({ node, status }) => (status?.role === 'leader' ? [{ name: node.name, ballot: status.ballot }] : []))
      .sort((a, b) => roundOf(b.ballot) - roundOf(a.ballot))
      .map(({ name }) => name);
  },
  client: paxosClients,
};

/** A node that has won an election counts as leading once its first command is chosen: before, nobody depends on it. */
function nodeStatusOf({ role, ballot, leader, established, commit, applied, leaseMs, snapshot, incarnation, counters, wallMs, member, membership }: PaxosStatus): NodeStatus {
  const believed = (role === 'leader' && !established) || leader === undefined ? undefined : placeOf(membership, leader);
  return { role: member ? role : 'no member', term: ballot, life: String(incarnation), gauges: { commit, applied, leaseMs, snapshot, epoch: membership.epoch, members: membership.voters.length }, counters, ...(wallMs === undefined ? {} : { wallMs }), ...(believed === undefined ? {} : { leader: believed }) };
}

/** For order: by epoch, then by round. */
function roundOf(ballot: string): number {
  const [epoch, round] = ballot.includes(':') ? ballot.split(':') : ['0', ballot];
  return Number(epoch) * 1e9 + Number(round?.split('.')[0]);
}
