import { sameBallot, type Ballot, type Message, type NodeId } from '../../core/index.js';
import { addNumbers } from './bits.js';
import type { Facts } from './facts.js';
import type { Local } from './locals.js';
import type { ReplicaScope } from './scope.js';

/** Bugs under which a node may come back to a ballot, or heed what was said in another. */
const HEEDFUL: ReadonlySet<string | undefined> = new Set(['ballot-reuse-after-restart', 'tally-across-ballots', 'count-acks-not-nodes']);

/**
 * Whether a message can do nothing any more to a node that is in this state, nor to what becomes of it: an answer in a ballot that the node does not stand or lead in any more, and never
 * will again, or to what is settled. Such messages are taken out of a state, which makes many states one. A refusal of an earlier ballot could still tell a node of a round, and make
 * it skip some: that is given up.
 */
export function isSpent({ node, own, chosenUpTo }: Pick<Local, 'node' | 'own' | 'chosenUpTo'>, message: Message): boolean {
  const isOwn = (kind: 'candidate' | 'leader' | undefined, ballot: Ballot): boolean => own !== undefined && (kind === undefined || own.kind === kind) && sameBallot(own.ballot, ballot);
  switch (message.type) {
    case 'promise':
      return message.ballot.node === node && !isOwn('candidate', message.ballot);
    case 'accepted':
      return message.ballot.node === node && (!isOwn('leader', message.ballot) || message.slots.every(([, last]) => last <= chosenUpTo));
    case 'nack':
      return message.ballot.node === node && !isOwn(undefined, message.ballot);
    default:
      return false;
  }
}

interface Spent {
  /** Facts looked at. */
  upTo: number;
  readonly mask: number[];
}

/** Knows, by state of a node, which messages to it are spent. */
export class SpentMessages {
  readonly #spent: (Spent | undefined)[] = [];
  readonly #isOff: boolean;
  /** Messages by addressee: numbers of the facts, in order. */
  readonly #to = new Map<NodeId, number[]>();
  #sorted = 0;

  constructor(
    scope: ReplicaScope,
    readonly facts: Facts,
  ) {
    this.#isOff = HEEDFUL.has(scope.bug) || scope.keepSpent === true;
  }

  /** Takes the spent messages to a node out of the words from `first` on, in place. */
  remove(words: number[], first: number, number: number, local: Local): void {
    if (this.#isOff) return;
    this.#sort();
    const spent = (this.#spent[number] ??= { upTo: 0, mask: [] });
    if (spent.upTo < this.facts.size) {
      const news = (this.#to.get(local.node) ?? []).filter((name) => name >= spent.upTo);
      addNumbers(spent.mask, 0, news.filter((name) => {
        const fact = this.facts.at(name);
        return fact.kind === 'sent' && isSpent(local, fact.message);
      }));
      spent.upTo = this.facts.size;
    }
    spent.mask.forEach((mask, word) => {
      if (first + word < words.length) words[first + word] = (words[first + word] as number) & ~mask;
    });
    while (words.length > first && words.at(-1) === 0) words.pop();
  }

  #sort(): void {
    for (; this.#sorted < this.facts.size; this.#sorted++) {
      const fact = this.facts.at(this.#sorted);
      if (fact.kind !== 'sent') continue;
      const numbers = this.#to.get(fact.to);
      if (numbers === undefined) this.#to.set(fact.to, [this.#sorted]);
      else numbers.push(this.#sorted);
    }
  }
}
