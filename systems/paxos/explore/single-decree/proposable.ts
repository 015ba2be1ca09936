import { bitsOf, type Field, type Layout, type SynodState } from './layout.js';
import type { SynodScope } from './scope.js';

/** The members of a quorum. */
export type Quorum = readonly number[];

/** All sets of `size` acceptors. Larger ones allow a proposer nothing that these do not. */
export function quorumsOf(acceptors: number, size: number): readonly Quorum[] {
  const extend = (members: Quorum, from: number): readonly Quorum[] => {
    if (members.length === size) return [members];
    return Array.from({ length: acceptors - from }, (_, i) => from + i).flatMap((next) => extend([...members, next], next + 1));
  };
  return extend([], 0);
}

/** Calls `found` for every value that a quorum's promises in a ballot allow: once for each quorum and each promise that says so. */
export function proposable(scope: SynodScope, layout: Layout, quorums: readonly Quorum[], state: SynodState, ballot: number, found: (value: number) => void): void {
  const { values, ballots, owned, mutant } = scope;
  const mask = 2 ** (1 + ballots * values) - 1;
  for (const quorum of quorums) {
    let reports = 0;
    let promised = true;
    for (const acceptor of quorum) {
      const told = bitsOf(state, layout.promises[acceptor]?.[ballot] as Field) & mask;
      promised &&= told !== 0;
      reports |= told;
    }
    if (!promised) continue;
    const own = ballot % values;
    if (reports >>> 1 === 0 || mutant === 'own-value') {
      if (owned) found(own);
      else for (let value = 0; value < values; value++) found(value);
      continue;
    }
    for (const bit of heeded(scope, reports)) {
      for (const acceptor of quorum) {
        if (((bitsOf(state, layout.promises[acceptor]?.[ballot] as Field) >>> bit) & 1) === 1) found((bit - 1) % values);
      }
    }
  }
}

/** The reports, as bits of a promise field, whose values may be proposed: those of the highest ballot. */
function heeded({ values, ballots, mutant }: SynodScope, reports: number): readonly number[] {
  const highest = Math.floor((30 - Math.clz32(reports)) / values);
  const lowest = Math.floor((30 - Math.clz32((reports & ~1) & -(reports & ~1))) / values);
  const [from, to] = mutant === 'any-value' ? [0, ballots - 1] : mutant === 'lowest-ballot' ? [lowest, lowest] : [highest, highest];
  const bits: number[] = [];
  for (let bit = 1 + from * values; bit < 1 + (to + 1) * values; bit++) if (((reports >>> bit) & 1) === 1) bits.push(bit);
  return bits;
}
