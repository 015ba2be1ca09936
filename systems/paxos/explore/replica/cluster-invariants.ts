import type { Slot } from '../../core/index.js';
import { addNumbers, numbersIn } from './bits.js';
import type { Facts } from './facts.js';
import type { Locals } from './locals.js';
import { commandNumber, type ReplicaScope } from './scope.js';
import { commandText } from './text.js';
import { count, type Election } from './votes.js';

/** An outcome of voting, and the states of nodes that are known to agree with it. */
interface Known {
  readonly election: Election;
  readonly agreeing: Set<number>;
  /** Numbers of the commands that are chosen. */
  readonly commands: ReadonlySet<number | undefined>;
}

/** What must hold of a cluster as a whole. Counts each set of votes once, however many states have it. */
export class ClusterInvariants {
  readonly #known = new Map<string, Known>();
  /** Which bits of the words are votes, and which answers to clients; of the facts up to `#sorted`. */
  readonly #votes: number[] = [];
  readonly #answers: number[] = [];
  #sorted = 0;

  constructor(
    readonly scope: ReplicaScope,
    readonly facts: Facts,
    readonly locals: Locals,
  ) {}

  /** What is violated, in one sentence. `nodes`: the numbers of their states are the first words; `first`: the facts are the words from there on. */
  violation(words: readonly number[], first: number): string | undefined {
    const { election, agreeing, commands } = this.#knownOf(words, first);
    if (election.agreement !== undefined) return election.agreement;
    for (let node = 0; node < this.scope.nodes; node++) {
      const number = words[node] as number;
      if (agreeing.has(number)) continue;
      const local = this.locals.at(number);
      const wrong = local.broken ?? misapplied(local.node, local.applied, election);
      if (wrong !== undefined) return wrong;
      agreeing.add(number);
    }
    return this.#misanswered(words, first, commands) ?? (this.scope.outcomesOnly ? undefined : election.ballot);
  }

  /** What is chosen. */
  electionOf(words: readonly number[], first: number): Election {
    return this.#knownOf(words, first).election;
  }

  #knownOf(words: readonly number[], first: number): Known {
    this.#sort();
    let name = '';
    for (let word = first; word < words.length; word++) name += `${(words[word] as number) & (this.#votes[word - first] ?? 0)},`;
    let known = this.#known.get(name);
    if (known === undefined) {
      const votes = numbersIn(words, first).map((number) => this.facts.at(number)).filter((fact) => fact.kind === 'vote');
      const election = count(votes, this.scope.q2);
      known = { election, agreeing: new Set(), commands: new Set([...election.chosen.values()].map(commandNumber)) };
      this.#known.set(name, known);
    }
    return known;
  }

  /** What was acknowledged is chosen; what was refused for good is not, unless the client has asked again. */
  #misanswered(words: readonly number[], first: number, commands: ReadonlySet<number | undefined>): string | undefined {
    const { retries } = this.scope;
    const answers = this.#answers.map((mask, word) => mask & (words[first + word] ?? 0));
    for (const number of numbersIn(answers, 0)) {
      const fact = this.facts.at(number);
      if (fact.kind !== 'acknowledged' && fact.kind !== 'refused') continue;
      const isChosen = commands.has(Math.ceil(fact.request / (1 + retries)));
      if (fact.kind === 'acknowledged' && !isChosen) return `Acknowledged: request ${fact.request} is acknowledged, and not chosen`;
      if (fact.kind === 'refused' && isChosen && retries === 0) return `Refused: request ${fact.request} was said never to take effect, and is chosen`;
    }
    return undefined;
  }

  #sort(): void {
    for (; this.#sorted < this.facts.size; this.#sorted++) {
      const { kind } = this.facts.at(this.#sorted);
      if (kind === 'vote') addNumbers(this.#votes, 0, [this.#sorted]);
      else if (kind === 'acknowledged' || kind === 'refused') addNumbers(this.#answers, 0, [this.#sorted]);
    }
  }
}

function misapplied(node: number, applied: ReadonlyMap<Slot, string>, { chosen }: Election): string | undefined {
  for (const [slot, command] of applied) {
    const value = chosen.get(slot);
    if (value === undefined || JSON.stringify(value) !== command) return `Applied: node ${node} has applied slot ${slot}, where ${value === undefined ? 'nothing' : commandText(value)} is chosen`;
  }
  return undefined;
}
