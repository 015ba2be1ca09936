import { acceptorName } from './labels.js';
import { bitsOf, unpackAcceptor, type Layout, type SynodState } from './layout.js';
import type { SynodScope } from './scope.js';

/** What a step has changed: acceptors, and values that are chosen by now. */
export function changesBetween(scope: SynodScope, layout: Layout, before: SynodState, after: SynodState): readonly string[] {
  const acceptors = Array.from({ length: scope.acceptors }, (_, acceptor) => acceptor).filter((acceptor) => before[acceptor] !== after[acceptor]);
  const chosen = new Set(chosenIn(scope, layout, before));
  return [
    ...acceptors.map((acceptor) => `${acceptorName(acceptor)}: ${acceptorText(before[acceptor] as number)} -> ${acceptorText(after[acceptor] as number)}`),
    ...chosenIn(scope, layout, after).filter((text) => !chosen.has(text)),
  ];
}

function acceptorText(word: number): string {
  const { promised, acceptedIn, value } = unpackAcceptor(word);
  return `promised ${promised < 0 ? 'nothing' : promised}, accepted ${acceptedIn < 0 ? 'nothing' : `v${value} in ${acceptedIn}`}`;
}

function chosenIn({ acceptors, ballots, values, q2 }: SynodScope, layout: Layout, state: SynodState): readonly string[] {
  const found: string[] = [];
  for (let ballot = 0; ballot < ballots; ballot++) {
    for (let value = 0; value < values; value++) {
      const field = layout.acceptances[ballot]?.[value];
      if (field === undefined) continue;
      const who = Array.from({ length: acceptors }, (_, acceptor) => acceptor).filter((acceptor) => ((bitsOf(state, field) >>> acceptor) & 1) === 1);
      if (who.length >= q2) found.push(`v${value} is chosen in ballot ${ballot}`);
    }
  }
  return found;
}
