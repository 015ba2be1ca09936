import type { Ballot } from './types.js';

/** Below every ballot that a proposer can choose: what an acceptor has promised before its first promise. */
export const NO_BALLOT: Ballot = { round: 0, node: 0 };

/**
 * Rounds of an epoch: those of a later epoch are higher than all of an earlier one. What was accepted in an earlier epoch, after the command that ended it, so never outranks what is
 * accepted there in a later one, whoever has seen how much of it.
 */
const EPOCH_ROUNDS = 2 ** 32;

/** The epoch that a ballot belongs to. */
export function epochOf({ round }: Ballot): number {
  return Math.floor(round / EPOCH_ROUNDS);
}

/** The round after another one, or the first of an epoch. */
export function nextRound(epoch: number, round: number): number {
  return Math.max(round, epoch * EPOCH_ROUNDS) + 1;
}

/** Negative, zero or positive as a is lower than, equal to or higher than b: by round, then by node. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.round - b.round || a.node - b.node;
}

/** Whether both are the same ballot. */
export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a.round === b.round && a.node === b.node;
}

/** `round.node`, in later epochs `epoch:round.node`, for people and for status. */
export function ballotText(ballot: Ballot): string {
  const epoch = epochOf(ballot);
  return `${epoch === 0 ? '' : `${epoch}:`}${ballot.round - epoch * EPOCH_ROUNDS}.${ballot.node}`;
}
