import type { Ballot, Command, Message, NodeId, Slot } from '../../core/index.js';
import { messageText } from './text.js';

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
  readonly #labels: (string | undefined)[] = [];
  readonly #numbers = new Map<string, number>();

  /** How many have been met. */
  get size(): number {
    return this.#facts.length;
  }

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

  /** How a message of a number arrives, in words. */
  labelOf(number: number): string {
    return (this.#labels[number] ??= arrivalText(this.at(number)));
  }
}

function arrivalText(fact: Fact): string {
  return fact.kind === 'sent' ? `node ${fact.to} receives from node ${fact.from}: ${messageText(fact.message)}` : fact.kind;
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
