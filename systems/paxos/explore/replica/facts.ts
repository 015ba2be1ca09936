import { ballotText, compareBallots, sameBallot, type Ballot, type Command, type Message, type NodeId, type Slot } from '../../core/index.js';
import { commandText, messageText } from './text.js';

/** What has happened in a cluster, once and for all. */
export type Fact =
  /** May arrive from now on. */
  | { readonly kind: 'sent'; readonly from: NodeId; readonly to: NodeId; readonly message: Message }
  /** Where messages arrive once only: it did. */
  | { readonly kind: 'arrived'; readonly message: number }
  /** A node's disk has held an accepted value. */
  | { readonly kind: 'vote'; readonly node: NodeId; readonly slot: Slot; readonly ballot: Ballot; readonly command: Command }
  | { readonly kind: 'asked' | 'acknowledged' | 'refused'; readonly request: number };

/** Gives every fact a number, from 0 in the order in which they are first met, so that a set of facts is a set of bits. */
export class Facts {
  readonly #facts: Fact[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of a fact. */
  numberOf(fact: Fact): number {
    const text = JSON.stringify(fact);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#facts.length;
      this.#facts.push(fact);
      this.#numbers.set(text, number);
    }
    return number;
  }

  /** The fact of a number that was given. */
  at(number: number): Fact {
    const fact = this.#facts[number];
    if (fact === undefined) throw new RangeError(`there is no fact ${number}`);
    return fact;
  }
}

/** A value that enough nodes have accepted in one ballot. */
export interface Chosen {
  readonly slot: Slot;
  readonly command: Command;
}

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

/** A fact in words, as a change that a step makes; undefined: not worth a line. */
export function factText(fact: Fact): string | undefined {
  switch (fact.kind) {
    case 'sent':
      return `node ${fact.from} -> node ${fact.to}: ${messageText(fact.message)}`;
    case 'acknowledged':
      return `request ${fact.request} is acknowledged`;
    case 'refused':
      return `request ${fact.request} is refused: it never takes effect`;
    default:
      return undefined;
  }
}
