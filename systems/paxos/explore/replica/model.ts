/**
 * A cluster of replicas of the real core. A state is what every node is in, by number, and the set of everything that has happened for good: messages sent, values accepted, requests
 * asked and answered. Messages may arrive at any time, in any order, again and again, or never; a node may crash between any two turns, or in one before its write is done, and starts again
 * from its disk.
 */
import type { Emit, Fingerprint, Model } from '../../../../src/index.js';
import { addNumbers, hasNumber, numbersIn } from './bits.js';
import { ClusterInvariants } from './cluster-invariants.js';
import { Facts, factText } from './facts.js';
import { Locals, type Outcome } from './locals.js';
import { firstRecords, requestOf, type ReplicaScope } from './scope.js';
import { SpentMessages } from './spent.js';
import { commandText } from './text.js';
import type { Input } from './turn.js';

/** By node the number of its state; then the elections begun and the crashes so far; then the numbers of all facts, as a set of bits. */
export type ClusterState = readonly number[];

/** The model for a scope. */
export function replicaModel(scope: ReplicaScope): Model<ClusterState> {
  return new ReplicaModel(scope);
}

/** A step of a node: what is taken in, under a name that no other input has, and what happens besides. */
interface Step {
  readonly node: number;
  /** The number of a fact (a message, a request) or -1 (an election). */
  readonly name: number;
  readonly input: () => Input;
  readonly label: string;
  /** A fact that the step makes; -1: none. */
  readonly makes: number;
}

class ReplicaModel implements Model<ClusterState> {
  readonly #facts = new Facts();
  readonly #locals: Locals;
  readonly #invariants: ClusterInvariants;
  readonly #spent: SpentMessages;
  /** By state of a node and name of a step, plus one: what may come of it. */
  readonly #outcomes: (readonly Outcome[] | undefined)[][] = [];
  /** Where in a state the elections, the crashes and the facts are. */
  readonly #elections: number;
  readonly #crashes: number;
  readonly #first: number;

  constructor(readonly scope: ReplicaScope) {
    this.#locals = new Locals(scope, this.#facts);
    this.#invariants = new ClusterInvariants(scope, this.#facts, this.#locals);
    this.#spent = new SpentMessages(scope, this.#facts);
    this.#elections = scope.nodes;
    this.#crashes = scope.nodes + 1;
    this.#first = scope.nodes + 2;
  }

  initial(): readonly ClusterState[] {
    const nodes = Array.from({ length: this.scope.nodes }, (_, i) => i + 1);
    const state = [...nodes.map((node) => this.#locals.first(node)), 0, 0];
    addNumbers(state, this.#first, nodes.flatMap((node) => firstRecords(this.scope).flatMap((record) => (record.type === 'accepted' ? [this.#facts.numberOf({ kind: 'vote', node, slot: record.slot, ballot: record.ballot, command: record.command })] : []))));
    return [state];
  }

  successors(state: ClusterState, emit: Emit<ClusterState>): void {
    for (let node = 1; node <= this.scope.nodes; node++) this.#ownSteps(state, node, emit);
    for (const number of numbersIn(state, this.#first)) this.#arrival(state, number, emit);
    this.#requests(state, emit);
  }

  fingerprint(state: ClusterState, into: Fingerprint): void {
    for (let word = 0; word < state.length; word++) into.add(state[word] as number);
  }

  violation(state: ClusterState): string | undefined {
    return this.#invariants.violation(state, this.#first);
  }

  changes(before: ClusterState, after: ClusterState): readonly string[] {
    const nodes = Array.from({ length: this.scope.nodes }, (_, i) => i).filter((i) => before[i] !== after[i]);
    const made = numbersIn(after, this.#first).filter((number) => !hasNumber(before, this.#first, number));
    const known = this.#invariants.electionOf(before, this.#first).chosen;
    const chosen = [...this.#invariants.electionOf(after, this.#first).chosen].filter(([slot]) => !known.has(slot));
    return [
      ...nodes.map((i) => `node ${i + 1}: ${this.#locals.at(after[i] as number).summary}`),
      ...made.flatMap((number) => factText(this.#facts.at(number)) ?? []),
      ...chosen.map(([slot, command]) => `slot ${slot}: ${commandText(command)} is chosen`),
    ];
  }

  /** What a node does without a message: an election, a crash, a start. */
  #ownSteps(state: ClusterState, node: number, emit: Emit<ClusterState>): void {
    const { elections, crashes, proposers } = this.scope;
    const number = state[node - 1] as number;
    const local = this.#locals.at(number);
    if (local.start === undefined) return emit(this.#settle(replaced(state, node - 1, this.#locals.restart(number))), `node ${node} starts again from its disk`);
    if (node <= proposers && local.stands && (state[this.#elections] as number) < elections) {
      const begun = replaced(state, this.#elections, (state[this.#elections] as number) + 1);
      this.#take(begun, { node, name: -1, input: () => ({ kind: 'stand' }), label: `node ${node} stands for election`, makes: -1 }, emit);
    }
    if ((state[this.#crashes] as number) < crashes) emit(this.#crashed(this.#settle(replaced(state, node - 1, this.#locals.crash(number)))), `node ${node} crashes`);
  }

  /** A message arrives, if the fact is one. */
  #arrival(state: ClusterState, name: number, emit: Emit<ClusterState>): void {
    const fact = this.#facts.at(name);
    if (fact.kind !== 'sent') return;
    const makes = this.scope.once ? this.#facts.numberOf({ kind: 'arrived', message: name }) : -1;
    if (makes >= 0 && hasNumber(state, this.#first, makes)) return;
    const { from, to, message } = fact;
    this.#take(state, { node: to, name, input: () => ({ kind: 'message', now: 0, from, message }), label: this.#facts.labelOf(name), makes }, emit);
  }

  /** Clients ask nodes that lead. Commands are alike, so the first is asked for first; a client asks again as often as the scope allows. */
  #requests(state: ClusterState, emit: Emit<ClusterState>): void {
    const { nodes, commands, retries } = this.scope;
    for (let command = 1; command <= commands; command++) {
      const requests = Array.from({ length: 1 + retries }, (_, i) => (command - 1) * (1 + retries) + i + 1);
      const requestId = requests.find((request) => !hasNumber(state, this.#first, this.#facts.numberOf({ kind: 'asked', request })));
      if (requestId === undefined) continue;
      const request = requestOf(this.scope, command);
      const name = this.#facts.numberOf({ kind: 'asked', request: requestId });
      for (let node = 1; node <= nodes; node++) {
        if (this.#locals.at(state[node - 1] as number).own?.kind !== 'leader') continue;
        const label = `a client asks node ${node} for ${commandText({ kind: 'operation', op: request.op })} (request ${requestId})`;
        this.#take(state, { node, name, input: () => ({ kind: 'request', now: 0, requestId, request }), label, makes: name }, emit);
      }
      if (requestId === requests[0]) return;
    }
  }

  #take(state: ClusterState, { node, name, input, label, makes }: Step, emit: Emit<ClusterState>): void {
    const number = state[node - 1] as number;
    if (this.#locals.at(number).start === undefined) return;
    const known = (this.#outcomes[number] ??= []);
    const outcomes = (known[name + 1] ??= this.#locals.take(number, input()));
    for (const { to, facts, crashedAfter } of outcomes) {
      if (crashedAfter !== undefined && (state[this.#crashes] as number) >= this.scope.crashes) return;
      const next = replaced(state, node - 1, to);
      addNumbers(next, this.#first, facts);
      if (makes >= 0) addNumbers(next, this.#first, [makes]);
      this.#settle(next);
      if (crashedAfter === undefined) emit(next, label);
      else emit(this.#crashed(next), `${label}; it crashes when ${crashedAfter} of its records are on its disk`);
    }
  }

  #settle(state: number[]): number[] {
    for (let node = 0; node < this.scope.nodes; node++) this.#spent.remove(state, this.#first, state[node] as number, this.#locals.at(state[node] as number));
    return state;
  }

  #crashed(state: number[]): ClusterState {
    state[this.#crashes] = (state[this.#crashes] as number) + 1;
    return state;
  }
}

function replaced(state: ClusterState, word: number, value: number): number[] {
  const next = state.slice();
  next[word] = value;
  return next;
}
