import { FaultlineError } from '../../../../src/index.js';
import type { SynodMutant } from './mutants.js';

/** The bounds of the single-decree model, and what is wrong in it. */
export interface SynodScope {
  readonly acceptors: number;
  readonly values: number;
  readonly ballots: number;
  /** Sizes of the quorums of phase 1 and 2. */
  readonly q1: number;
  readonly q2: number;
  /** Whether ballot b belongs to proposer b mod `values`, which has value b mod `values` and proposes no other of its own; else every ballot may begin with every value. */
  readonly owned: boolean;
  readonly mutant?: SynodMutant;
}

/** Bits of a state's words. */
export const WORD_BITS = 32;
/** An acceptor's word has a byte for each of promise, accepted ballot and accepted value. */
const MAX_BALLOTS = 8;
const MAX_ACCEPTORS = 8;

/** What cannot be explored, as an error with the remedy; undefined: it can. */
export function scopeProblem({ acceptors, values, ballots, q1, q2 }: SynodScope): FaultlineError | undefined {
  const problem = (message: string, hint: string): FaultlineError => new FaultlineError('bad-option', message, { kind: 'usage', hint });
  if (acceptors > MAX_ACCEPTORS) return problem(`${acceptors} acceptors are more than the ${MAX_ACCEPTORS} that a state has room for`, 'Give fewer --acceptors.');
  if (ballots > MAX_BALLOTS || ballots * values + 1 > WORD_BITS) return problem(`${ballots} ballots with ${values} values are more than a state has room for`, `Give at most ${MAX_BALLOTS} --ballots, and --ballots times --values at most ${WORD_BITS - 1}.`);
  if (q1 > acceptors || q2 > acceptors) return problem(`a quorum of ${Math.max(q1, q2)} needs as many acceptors, and there are ${acceptors}`, 'Give a smaller --q1 or --q2, or more --acceptors.');
  return undefined;
}
