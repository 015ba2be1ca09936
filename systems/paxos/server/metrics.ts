import type { ReplicaStatus } from '../core/index.js';

/** Metrics in the text format of Prometheus (0.0.4): counters of the node since its start, and where it stands. */
export function metricsText(status: ReplicaStatus, counters: Readonly<Record<string, number>>, about: { readonly cluster: string; readonly incarnation: number; readonly longestStopMs: number }): string {
  const { role, established, commit, applied, first, snapshot, last, inFlight, sessions, keys, leaseMs, leader, grant, member, membership } = status;
  const gauges: readonly (readonly [string, string, number])[] = [
    ['leader', 'Whether this node leads and carries out requests.', role === 'leader' && established ? 1 : 0],
    ['knows_leader', 'Whether this node knows of a leader.', leader === undefined ? 0 : 1],
    ['member', 'Whether this node is a member.', member ? 1 : 0],
    ['members', 'Members of the epoch.', membership.voters.length],
    ['epoch', 'The epoch: how often the members have changed, as far as this node knows.', membership.epoch],
    ['ballot_round', 'Round, within its epoch, of the ballot that it leads or campaigns with, or follows.', roundOf(status.ballot)],
    ['promised_round', 'Round, within its epoch, of the highest ballot that it has promised.', roundOf(status.promised)],
    ['lease_seconds', 'For how long it may answer reads by its lease.', leaseMs / 1000],
    ['grant_seconds', 'For how long, as an acceptor, it has still granted a lease.', (grant?.forMs ?? 0) / 1000],
    ['commit_slot', 'Everything up to this slot is chosen.', commit],
    ['applied_slot', 'Everything up to this slot is applied.', applied],
    ['snapshot_slot', 'Everything up to this slot is in the newest snapshot on disk.', snapshot],
    ['first_slot', 'The lowest slot that the log still has.', first],
    ['last_slot', 'The highest slot in which it has accepted anything.', last],
    ['requests_in_flight', 'Requests without reply.', inFlight],
    ['sessions', 'Open sessions of clients.', sessions],
    ['keys', 'Keys that hold a value.', keys],
    ['longest_stop_seconds', 'For how long the process has at most stood still since it serves.', about.longestStopMs / 1000],
    ['incarnation', 'Starts of this node.', about.incarnation],
  ];
  const labels = `{cluster="${escapeLabel(about.cluster)}",node="${status.node}"}`;
  const lines = (name: string, type: string, help: string, value: number): string => `# HELP paxos_${name} ${help}\n# TYPE paxos_${name} ${type}\npaxos_${name}${labels} ${value}\n`;
  const counted = Object.entries(counters).map(([name, value]) => lines(`${snake(name)}_total`, 'counter', `Counter ${name} of GET /status.`, value));
  return [...gauges.map(([name, help, value]) => lines(name, 'gauge', help, value)), ...counted].join('');
}

/** Of a ballot as text: `round.node`, or in later epochs `epoch:round.node`. */
function roundOf(ballot: string): number {
  return Number(/(?:^|:)(\d+)\./.exec(ballot)?.[1]);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
