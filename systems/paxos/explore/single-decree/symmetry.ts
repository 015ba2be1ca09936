import { bitsOf, packAcceptor, unpackAcceptor, type Field, type Layout, type SynodState } from './layout.js';
import type { SynodScope } from './scope.js';

/** Where each bit of a state's messages goes, and each acceptor and value. */
interface Renaming {
  readonly acceptors: readonly number[];
  readonly values: readonly number[];
  /** By field: its place now, and by bit the place that it goes to. */
  readonly moves: readonly { readonly from: Field; readonly bits: readonly Field[] }[];
}

/**
 * Gives, of all states that renaming makes of one, the lexicographically smallest. Acceptors are alike; values are unless every ballot owns one.
 * Cost: acceptors! times values! renamings of the whole state.
 */
export function symmetryOf(scope: SynodScope, layout: Layout): (state: SynodState) => SynodState {
  const renamings = permutations(scope.acceptors).flatMap((acceptors) => (scope.owned ? [identity(scope.values)] : permutations(scope.values)).map((values) => renamingOf(scope, layout, acceptors, values)));
  const others = renamings.slice(1);
  return (state) => {
    let smallest = state;
    for (const renaming of others) {
      const renamed = rename(state, renaming);
      if (isSmaller(renamed, smallest)) smallest = renamed;
    }
    return smallest;
  };
}

function renamingOf({ ballots, values: valueCount, acceptors: count }: SynodScope, layout: Layout, acceptors: readonly number[], values: readonly number[]): Renaming {
  const at = ({ word, shift }: Field, bit: number): Field => ({ word, shift: shift + bit });
  const valueBit = (bit: number): number => (bit === 0 ? 0 : 1 + Math.floor((bit - 1) / valueCount) * valueCount + (values[(bit - 1) % valueCount] ?? 0));
  const moves: Renaming['moves'][number][] = [{ from: layout.prepares, bits: identity(ballots).map((ballot) => at(layout.prepares, ballot)) }];
  for (const ballot of identity(ballots)) {
    const proposals = layout.proposals[ballot] as Field;
    moves.push({ from: proposals, bits: values.map((value) => at(proposals, value)) });
    for (const acceptor of identity(count)) {
      const target = layout.promises[acceptors[acceptor] as number]?.[ballot] as Field;
      moves.push({ from: layout.promises[acceptor]?.[ballot] as Field, bits: identity(1 + ballots * valueCount).map((bit) => at(target, valueBit(bit))) });
    }
    for (const value of identity(valueCount)) {
      const target = layout.acceptances[ballot]?.[values[value] as number] as Field;
      moves.push({ from: layout.acceptances[ballot]?.[value] as Field, bits: acceptors.map((acceptor) => at(target, acceptor)) });
    }
  }
  return { acceptors, values, moves };
}

function rename(state: SynodState, { acceptors, values, moves }: Renaming): SynodState {
  const next = state.map(() => 0);
  acceptors.forEach((to, from) => {
    const { promised, acceptedIn, value } = unpackAcceptor(state[from] as number);
    next[to] = packAcceptor(promised, acceptedIn, acceptedIn < 0 ? 0 : (values[value] ?? 0));
  });
  for (const { from, bits } of moves) {
    let rest = bitsOf(state, from) & (2 ** bits.length - 1);
    for (; rest !== 0; rest &= rest - 1) {
      const { word, shift } = bits[31 - Math.clz32(rest & -rest)] as Field;
      next[word] = (next[word] as number) | (1 << shift);
    }
  }
  return next;
}

function isSmaller(a: SynodState, b: SynodState): boolean {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function identity(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** All orders of 0 .. count - 1, the identity first. */
function permutations(count: number): readonly (readonly number[])[] {
  const extend = (chosen: readonly number[]): readonly (readonly number[])[] =>
    chosen.length === count ? [chosen] : identity(count).filter((next) => !chosen.includes(next)).flatMap((next) => extend([...chosen, next]));
  return extend([]);
}
