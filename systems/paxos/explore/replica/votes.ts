import { ballotText, compareBallots, sameBallot, type Ballot, type Command, type NodeId, type Slot } from '../../core/index.js';
import type { Fact } from './facts.js';
import { commandText } from './text.js';

/** What the votes say. */
export interface Election {
  /** By slot, the value that was chosen with the lowest ballot. */
  readonly chosen: ReadonlyMap<Slot, Command>;
  /** What must not be, in one sentence: `agreement` two values chosen in a slot, `ballot` two values accepted in one ballot. */
  readonly agreement: string | undefined;
  readonly ballot: string | undefined;
}

interface Tally {
  readonly slot: Slot;
  readonly ballot: Ballot;
  readonly values: Map<string, { readonly command: Command; readonly nodes: Set<NodeId> }>;
}

/** Counts votes. `q2`: how many choose a value. */
export function count(votes: readonly Extract<Fact, { kind: 'vote' }>[], q2: number): Election {
  const tallies: Tally[] = [];
  for (const { node, slot, ballot, command } of votes) {
    let tally = tallies.find((known) => known.slot === slot && sameBallot(known.ballot, ballot));
    if (tally === undefined) tallies.push((tally = { slot, ballot, values: new Map() }));
    const text = JSON.stringify(command);
    const value = tally.values.get(text);
    if (value === undefined) tally.values.set(text, { command, nodes: new Set([node]) });
    else value.nodes.add(node);
  }
  tallies.sort((a, b) => a.slot - b.slot || compareBallots(a.ballot, b.ballot));
  const chosen = new Map<Slot, Command>();
  let agreement: string | undefined;
  let ballotTwice: string | undefined;
  for (const { slot, ballot, values } of tallies) {
    if (values.size > 1) ballotTwice ??= `One value a ballot: ${[...values.values()].map(({ command }) => commandText(command)).join(' and ')} are accepted in slot ${slot}, ballot ${ballotText(ballot)}`;
    for (const { command, nodes } of values.values()) {
      if (nodes.size < q2) continue;
      const before = chosen.get(slot);
      if (before === undefined) chosen.set(slot, command);
      else if (JSON.stringify(before) !== JSON.stringify(command)) agreement ??= `Agreement: both ${commandText(before)} and ${commandText(command)} are chosen in slot ${slot}`;
    }
  }
  return { chosen, agreement, ballot: ballotTwice };
}
