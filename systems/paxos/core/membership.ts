/**
 * Who the members are (paxos.md 1.7). The log is cut into epochs: a command that names the next members, the stop-sign, is the last of its epoch, and everything after it is decided by
 * the members that it names, in ballots of the new epoch. So every slot has the members that the chosen commands before it say, on every node; and whoever knows of an epoch knows
 * everything that was chosen before it.
 */
import type { CoreConfig, Member, Membership, NodeId, SmallerQuorum } from './types.js';

/** Members that a replica can count: it keeps a tally as the bits of one small integer. */
export const MAX_NODES = 30;

/** A change that is asked for. */
export interface MemberChange {
  readonly add: readonly Member[];
  readonly remove: readonly NodeId[];
}

/** The members of the first epoch: those that all nodes were configured with. */
export function initialMembership({ nodes, q1, q2 }: Pick<CoreConfig, 'nodes' | 'q1' | 'q2'>): Membership {
  return { epoch: 0, voters: nodes.map((id) => ({ id, at: '' })), q1, q2, highestId: Math.max(0, ...nodes) };
}

/** Whether the change is made already: an answer that got lost is asked for again. */
export function isMade({ voters }: Membership, { add, remove }: MemberChange): boolean {
  return add.every(({ id, at }) => voters.some((voter) => voter.id === id && voter.at === at)) && remove.every((id) => voters.every((voter) => voter.id !== id));
}

/** The members after a change, or in one sentence why it cannot be made. */
export function nextMembership(current: Membership, { add, remove }: MemberChange): Membership | string {
  const ids = new Set(current.voters.map(({ id }) => id));
  if (add.length + remove.length === 0) return 'a change adds or removes somebody';
  const stranger = remove.find((id) => !ids.has(id));
  if (stranger !== undefined) return `node ${stranger} is no member; members are ${[...ids].join(', ')}`;
  const used = add.find(({ id }) => id <= current.highestId);
  if (used !== undefined) return `node ${used.id} cannot be added: numbers are used once, and the highest so far is ${current.highestId}`;
  if (new Set(add.map(({ id }) => id)).size !== add.length || new Set(remove).size !== remove.length) return 'a node is named twice';
  if (add.some(({ at }) => at === '')) return 'a new member needs an address or a place';
  const voters = [...current.voters.filter(({ id }) => !remove.includes(id)), ...add];
  if (voters.length === 0 || voters.length > MAX_NODES) return `a cluster has 1 to ${MAX_NODES} members, not ${voters.length}`;
  const smaller = current.smaller ?? smallerOf(current);
  return { epoch: current.epoch + 1, voters, ...quorumsFor(smaller, voters.length), ...(smaller === undefined ? {} : { smaller }), highestId: Math.max(current.highestId, ...add.map(({ id }) => id)) };
}

/** The smaller quorum, if the quorums are no majorities. */
function smallerOf({ voters, q1, q2 }: Membership): SmallerQuorum | undefined {
  if (q1 === majorityOf(voters.length) && q2 === q1) return undefined;
  return q1 < q2 ? { phase: 1, size: q1 } : { phase: 2, size: q2 };
}

/**
 * Majorities stay majorities. Else the smaller quorum keeps its size, as far as there are nodes, and the other is as large as it then has to be. By what was wanted at first, not by what
 * the members before had: with three members 2 and 2 look like majorities, and a cluster of five with 4 and 2 that loses two nodes for a while is to have 4 and 2 again.
 */
function quorumsFor(smaller: SmallerQuorum | undefined, n: number): { readonly q1: number; readonly q2: number } {
  if (smaller === undefined) return { q1: majorityOf(n), q2: majorityOf(n) };
  const size = Math.min(smaller.size, Math.ceil(n / 2));
  const other = n - size + 1;
  return smaller.phase === 1 ? { q1: size, q2: other } : { q1: other, q2: size };
}

function majorityOf(n: number): number {
  return Math.floor(n / 2) + 1;
}
