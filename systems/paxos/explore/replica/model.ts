/**
 * A cluster of replicas of the real core. A state is what every node is in, by number, and the set of everything that has happened for good: messages sent, values accepted, requests
 * asked and answered. Messages may arrive at any time, in any order, again and again, or never; a node may crash between any two turns, or in one before its write is done, and starts again
 * from its disk.
 */
import type { Emit, Fingerprint, Model } from '../../../../src/index.js';
import { count, Facts, factText, type Election, type Fact } from './facts.js';
import { Locals, type Outcome } from './locals.js';
import { commandNumber, requestOf, type ReplicaScope } from './scope.js';
import { commandText, messageText } from './text.js';
import type { Input } from './turn.js';

/** By node the number of its state; then the elections begun and the crashes so far; then the facts, 31 a word, without zeros at the end. */
export type ClusterState = readonly number[];

const BITS = 31;

/** The model for a scope. */
export function replicaModel(scope: ReplicaScope): Model<ClusterState> {
  return new ReplicaModel(scope);
}

class ReplicaModel implements Model<ClusterState> {
  readonly #facts = new Facts();
  readonly #locals: Locals;
  /** By state of a node: by fact (a message, a request) or -1 (an election) what may come of it. */
  readonly #steps: Map<number, readonly Outcome[]>[] = [];
  readonly #firstFact: number;

  constructor(readonly scope: ReplicaScope) {
    this.#locals = new Locals(scope, this.#facts);
    this.#firstFact = scope.nodes + 2;
  }

  initial(): readonly ClusterState[] {
    return [[...Array.from({ length: this.scope.nodes }, (_, i) => this.#locals.first(i + 1)), 0, 0]];
  }

  successors(state: ClusterState, emit: Emit<ClusterState>): void {
    const { nodes, once } = this.scope;
    for (let node = 1; node <= nodes; node++) this.#ownSteps(state, node, emit);
    for (const number of this.#factsIn(state)) {
      const fact = this.#facts.at(number);
      if (fact.kind !== 'sent') continue;
      const arrived = once ? this.#facts.numberOf({ kind: 'arrived', message: number }) : undefined;
      if (arrived !== undefined && this.#has(state, arrived)) continue;
      const { from, to, message } = fact;
      this.#take(state, to, number, { kind: 'message', now: 0, from, message }, () => `node ${to} receives from node ${from}: ${messageText(message)}`, arrived === undefined ? [] : [arrived], emit);
    }
    this.#requests(state, emit);
  }

  fingerprint(state: ClusterState, into: Fingerprint): void {
    for (let word = 0; word < state.length; word++) into.add(state[word] as number);
  }

  violation(state: ClusterState): string | undefined {
    const { nodes, outcomesOnly } = this.scope;
    const facts = this.#factsIn(state).map((number) => this.#facts.at(number));
    const votes = this.#count(facts);
    if (votes.agreement !== undefined) return votes.agreement;
    for (let node = 1; node <= nodes; node++) {
      const { broken, applied } = this.#locals.at(state[node - 1] as number);
      if (broken !== undefined) return broken;
      for (const [slot, command] of applied) {
        const chosen = votes.chosen.get(slot);
        if (chosen === undefined || JSON.stringify(chosen) !== command) return `Applied: node ${node} has applied slot ${slot}, where ${chosen === undefined ? 'nothing' : commandText(chosen)} is chosen`;
      }
    }
    return this.#answers(facts, votes) ?? (outcomesOnly ? undefined : votes.ballot);
  }

  changes(before: ClusterState, after: ClusterState): readonly string[] {
    const lines: string[] = [];
    for (let node = 1; node <= this.scope.nodes; node++) {
      const [was, is] = [before[node - 1] as number, after[node - 1] as number];
      if (was !== is) lines.push(`node ${node}: ${this.#locals.at(is).summary}`);
    }
    const fresh = this.#factsIn(after).filter((number) => !this.#has(before, number)).map((number) => this.#facts.at(number));
    const chosenBefore = this.#count(this.#factsIn(before).map((number) => this.#facts.at(number))).chosen;
    const chosen = [...this.#count(this.#factsIn(after).map((number) => this.#facts.at(number))).chosen].filter(([slot]) => !chosenBefore.has(slot));
    return [...lines, ...fresh.flatMap((fact) => factText(fact) ?? []), ...chosen.map(([slot, command]) => `slot ${slot}: ${commandText(command)} is chosen`)];
  }

  /** What a node does without a message: an election, a crash, a start. */
  #ownSteps(state: ClusterState, node: number, emit: Emit<ClusterState>): void {
    const { nodes, elections, crashes, proposers } = this.scope;
    const number = state[node - 1] as number;
    const local = this.#locals.at(number);
    if (local.start === undefined) {
      if (local.broken === undefined) emit(replaced(state, node - 1, this.#locals.restart(number)), `node ${node} starts again from its disk`);
      return;
    }
    if (node <= proposers && local.stands && (state[nodes] as number) < elections) {
      const begun = replaced(state, nodes, (state[nodes] as number) + 1);
      this.#take(begun, node, -1, { kind: 'stand' }, () => `node ${node} stands for election`, [], emit);
    }
    if ((state[nodes + 1] as number) < crashes) emit(crashed(replaced(state, node - 1, this.#locals.crash(number)), nodes), `node ${node} crashes`);
  }

  /** Clients ask a node that leads. Commands are alike, so the first is asked for first; a client asks again as often as the scope allows. */
  #requests(state: ClusterState, emit: Emit<ClusterState>): void {
    const { nodes, commands, retries } = this.scope;
    for (let command = 1; command <= commands; command++) {
      const tries = Array.from({ length: 1 + retries }, (_, i) => this.#facts.numberOf({ kind: 'asked', request: (command - 1) * (1 + retries) + i + 1 }));
      const next = tries.find((number) => !this.#has(state, number));
      const fact = next === undefined ? undefined : this.#facts.at(next);
      if (next !== undefined && fact?.kind === 'asked') {
        const request = requestOf(this.scope, command);
        const input: Input = { kind: 'request', now: 0, requestId: fact.request, request };
        for (let node = 1; node <= nodes; node++) {
          if (this.#locals.at(state[node - 1] as number).leads) this.#take(state, node, next, input, () => `a client asks node ${node} for ${commandText({ kind: 'operation', op: request.op })} (request ${fact.request})`, [next], emit);
        }
      }
      if (next === tries[0]) return;
    }
  }

  #take(state: ClusterState, node: number, name: number, input: Input, label: () => string, facts: readonly number[], emit: Emit<ClusterState>): void {
    const number = state[node - 1] as number;
    if (this.#locals.at(number).start === undefined) return;
    const steps = (this.#steps[number] ??= new Map<number, readonly Outcome[]>());
    let outcomes = steps.get(name);
    if (outcomes === undefined) steps.set(name, (outcomes = this.#locals.take(number, input)));
    const { nodes, crashes } = this.scope;
    for (const { to, facts: made, crashedAfter } of outcomes) {
      if (crashedAfter === undefined) emit(this.#with(replaced(state, node - 1, to), [...facts, ...made]), label());
      else if ((state[nodes + 1] as number) < crashes) emit(this.#with(crashed(replaced(state, node - 1, to), nodes), [...facts, ...made]), `${label()}; it crashes when ${crashedAfter} of its records are on its disk`);
    }
  }

  /** What was acknowledged is chosen, and what was refused is not. */
  #answers(facts: readonly Fact[], { chosen }: Election): string | undefined {
    const numbers = new Set([...chosen.values()].map(commandNumber));
    const { retries } = this.scope;
    for (const fact of facts) {
      if (fact.kind !== 'acknowledged' && fact.kind !== 'refused') continue;
      const isChosen = numbers.has(Math.ceil(fact.request / (1 + retries)));
      if (fact.kind === 'acknowledged' && !isChosen) return `Acknowledged: request ${fact.request} is acknowledged, and not chosen`;
      if (fact.kind === 'refused' && isChosen && retries === 0) return `Refused: request ${fact.request} was said never to take effect, and is chosen`;
    }
    return undefined;
  }

  #count(facts: readonly Fact[]): Election {
    return count(facts.filter((fact) => fact.kind === 'vote'), this.scope.q2);
  }

  #factsIn(state: ClusterState): readonly number[] {
    const numbers: number[] = [];
    for (let word = this.#firstFact; word < state.length; word++) {
      for (let rest = state[word] as number; rest !== 0; rest &= rest - 1) numbers.push((word - this.#firstFact) * BITS + 31 - Math.clz32(rest & -rest));
    }
    return numbers;
  }

  #has(state: ClusterState, fact: number): boolean {
    return (((state[this.#firstFact + Math.floor(fact / BITS)] ?? 0) >>> fact % BITS) & 1) === 1;
  }

  #with(state: number[], facts: readonly number[]): ClusterState {
    for (const fact of facts) {
      const word = this.#firstFact + Math.floor(fact / BITS);
      while (state.length <= word) state.push(0);
      state[word] = (state[word] as number) | (1 << fact % BITS);
    }
    return state;
  }
}

function replaced(state: ClusterState, word: number, value: number): number[] {
  const next = state.slice();
  next[word] = value;
  return next;
}

function crashed(state: number[], nodes: number): number[] {
  state[nodes + 1] = (state[nodes + 1] as number) + 1;
  return state;
}
