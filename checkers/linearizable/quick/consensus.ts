import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { argumentId, invalid, NONE, notApplicable, resultId, told } from './shared.js';

/**
 * An object that is decided once, exactly, in linear time. Valid if and only if nobody was told two decisions d, and a proposal of d was invoked before any proposal ended: that one can
 * be the first, and all others follow in the order in which they ended. If nobody was told anything, whichever was invoked first may have decided.
 */
export function consensusQuick(history: ObjectHistory, initial: unknown): Quick {
  if (initial !== undefined && initial !== null) return notApplicable('it was decided before');
  const { size, inv, ret, values } = history;
  let first = NONE;
  let ended = NONE;
  for (let op = 0; op < size; op++) {
    if (ret[op] !== PENDING && (ended === NONE || (ret[op] as number) < (ret[ended] as number))) ended = op;
    const told1 = resultId(history, op);
    if (told1 === NONE) continue;
    if (first === NONE) first = op;
    else if (resultId(history, first) !== told1) return invalid('two-decisions', `Two decisions: ${told(history, first)}, and ${told(history, op)}.`, [first, op]);
  }
  if (first === NONE) return { kind: 'valid' };
  const decision = resultId(history, first);
  let proposer = NONE;
  for (let op = 0; op < size && proposer === NONE; op++) if (argumentId(history, op) === decision) proposer = op;
  const words = showValue(values.value(decision));
  if (proposer === NONE) return invalid('never-proposed', `${words} was decided (${told(history, first)}), and nobody proposed it.`, [first]);
  // The earliest proposal of it comes first, as operations are numbered in the order of invocation.
  if ((inv[proposer] as number) > (ret[ended] as number)) return invalid('decided-before', `${words} was decided, and nobody proposed it before another proposal had ended: ${told(history, ended)}; first proposed by ${told(history, proposer)}.`, [ended, proposer, first]);
  return { kind: 'valid' };
}
