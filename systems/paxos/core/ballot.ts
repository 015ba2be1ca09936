import type { Ballot } from './types.js';

/** Below every ballot that a proposer can choose: what an acceptor has promised before its first promise. */
export const NO_BALLOT: Ballot = { round: 0, node: 0 };

/** Negative, zero or positive as a is lower than, equal to or higher than b: by round, then by node. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.round - b.round || a.node - b.node;
}

/** Whether both are the same ballot. */
export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a.round === b.round && a.node === b.node;
}

/** `round.node`, for people and for status. */
export function ballotText(ballot: Ballot): string {
  return `${ballot.round}.${ballot.node}`;
}
