/**
 * Who the members are (paxos.md 1.7). The log is cut into epochs: a command that names the next members, the stop-sign, is the last of its epoch, and everything after it is decided by
 * the members that it names, in ballots of the new epoch. So every slot has the members that the chosen commands before it say, on every node; and whoever knows of an epoch knows
 * everything that was chosen before it.
 */
import type { CoreConfig, Member, Membership, NodeId } from './types.js';

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
  return { epoch: current.epoch + 1, voters, ...quorumsFor(current, voters.length), highestId: Math.max(current.highestId, ...add.map(({ id }) => id)) };
}

/** Majorities stay majorities. Else the smaller quorum keeps its size, as far as there are nodes, and the other is as large as it then has to be. */
function quorumsFor({ voters, q1, q2 }: Membership, n: number): { readonly q1: number; readonly q2: number } {
  const majority = (of: number): number => Math.floor(of / 2) + 1;
  if (q1 === majority(voters.length) && q2 === majority(voters.length)) return { q1: majority(n), q2: majority(n) };
  const smaller = Math.min(q1, q2, n);
  const larger = n - smaller + 1;
  return q1 <= q2 ? { q1: Math.min(smaller, larger), q2: Math.max(smaller, larger) } : { q1: Math.max(smaller, larger), q2: Math.min(smaller, larger) };
}
