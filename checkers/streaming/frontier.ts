import { count, listOf, showValue } from '../shared/words.js';
import type { Model, ModelOp } from '../linearizable/model.js';
import { Antichain, type Configuration, type Passed, type State } from './configurations.js';
import { Crashed, plusOne } from './crashed.js';
import type { Contradiction, Engine, Pending } from './engine.js';
import { mayComeToFit, type Yet } from './reach.js';
import { isSilent } from './roles.js';

/** An open operation, with what the model says of it. */
interface Open {
  readonly pending: Pending;
  readonly op: ModelOp;
  readonly observes: boolean;
  readonly silent: boolean;
  /** States, by their keys, in which it was found impossible as long as its answer was unknown. */
  readonly refused: Map<string, State>;
}

/** Rough size of a configuration; bytes. */
const CONFIGURATION_BYTES = 400;
const STATES_SHOWN = 6;

/**
 * Watches any model: just-in-time linearization (Lowe, "Testing for linearizability", CCPE 29(4), 2017), breadth first on the stream. An operation takes effect only
 * when a completion needs it, its own or one that comes out right only after it; whatever could take effect earlier can as well wait for that, as nothing but
 * invocations lies between. A configuration concerns open and crashed operations only.
 *
 * On a stream the answer of an open operation is not known yet. So an observer notes the states that pass while it is open, and may
 * give the answer of any of them; a mutator that took effect early notes the state it found, and its answer is tried on that state.
 * This asks of a model that knowing an answer only restricts: an operation of unknown result is possible wherever one of known result is, and leads to
 * a state from which no less is possible. Then nothing that can have happened is left out, and what contradicts is proven. Where the state is not even the same,
 * as of a bag from which something unknown was taken, the key is given up.
 */
export class Frontier implements Engine {
  readonly #model: Model<unknown>;
  readonly #limit: number;
  #configurations = new Antichain();
  /** In order of invocation. */
  readonly #open = new Map<Pending, Open>();
  readonly #crashed = new Crashed();
  #givenUp: string | undefined;

  constructor(model: Model<unknown>, initial: unknown, limit: number) {
    this.#model = model;
    this.#limit = limit;
    this.#configurations.add({ state: this.#stateOf(model.init(initial)), taken: [], passed: [], uses: new Map() });
  }

  get givenUp(): string | undefined {
    return this.#givenUp;
  }

  get held(): number {
    return this.#configurations.size;
  }

  get bytes(): number {
    return CONFIGURATION_BYTES * (this.#configurations.size + this.#open.size + this.#crashed.size);
  }

  invoke(pending: Pending): void {
    const op: ModelOp = { f: pending.f, argument: pending.argument, known: false, result: undefined };
    this.#open.set(pending, { pending, op, observes: this.#model.observes?.(op) === true, silent: isSilent(this.#model, op), refused: new Map() });
  }

  ok(pending: Pending, result: unknown, index: number): Contradiction | undefined {
    const open = this.#open.get(pending);
    if (open === undefined || this.#givenUp !== undefined) return undefined;
    const known: ModelOp = { ...open.op, known: true, result };
    if (open.observes && this.#model.observes?.(known) !== true) this.#giveUp(`the effect of ${known.f} depends on its answer`);
    const before = this.#configurations;
    const after = open.observes ? this.#observed(open, known) : this.#performed(open, known);
    this.#open.delete(pending);
    if (this.#givenUp !== undefined) return undefined;
    this.#configurations = this.#crashed.settled(after);
    return after.size > 0 ? undefined : { message: `no order of the operations explains ${callOf(known)} (#${pending.index}–#${index}): before it ${this.#statesOf(before)}`, ops: [pending.index] };
  }

  fail(pending: Pending): Contradiction | undefined {
    const before = this.#configurations;
    const after = new Antichain();
    for (const configuration of before) if (!isTaken(configuration, pending)) after.add(without(configuration, pending));
    this.#open.delete(pending);
    if (this.#givenUp !== undefined) return undefined;
    this.#configurations = after;
    return after.size > 0 ? undefined : { message: `${pending.f} ${showValue(pending.argument)} (#${pending.index}) failed, but what was seen needs it to have happened`, ops: [pending.index] };
  }

  /** A crashed operation has no obligation left, and may yet take effect unless it has. */
  info(pending: Pending): void {
    const open = this.#open.get(pending);
    this.#open.delete(pending);
    if (open === undefined || this.#givenUp !== undefined) return;
    const kind = open.observes ? undefined : this.#crashed.add(open.op);
    const after = new Antichain();
    for (const configuration of this.#configurations) {
      const uses = kind !== undefined && isTaken(configuration, pending) ? plusOne(configuration.uses, kind) : configuration.uses;
      after.add({ ...without(configuration, pending), uses });
    }
    this.#configurations = after;
  }

  /** An observer that has passed a state it fits is satisfied; otherwise others take effect until it fits. */
  #observed(open: Open, known: ModelOp): Antichain {
    const after = new Antichain();
    const fits = (state: State): boolean => this.#model.step(state.value, known) !== undefined;
    const stuck: Configuration[] = [];
    for (const configuration of this.#configurations) {
      const passed = configuration.passed.find(({ op }) => op === open.pending)?.states ?? [];
      if (fits(configuration.state) || passed.some(fits)) after.add(without(configuration, open.pending));
      else stuck.push(configuration);
    }
    this.#explore(stuck, open, (configuration) => {
      if (!fits(configuration.state)) return !mayComeToFit(this.#model, configuration.state.value, known, this.#yet(configuration, open));
      after.add(without(configuration, open.pending));
      return true;
    });
    return after;
  }

  /** A mutator that took effect must have found a state in which its answer is right; one that has not takes effect now, after others or at once. */
  #performed(open: Open, known: ModelOp): Antichain {
    for (const state of open.refused.values()) this.#stepKnown(state, open, known);
    const after = new Antichain();
    const waiting: Configuration[] = [];
    for (const configuration of this.#configurations) {
      const taken = configuration.taken.find(({ op }) => op === open.pending);
      if (taken === undefined) waiting.push(configuration);
      else if (taken.before === undefined || this.#stepKnown(taken.before, open, known) !== undefined) after.add(without(configuration, open.pending));
    }
    this.#explore(waiting, open, (configuration) => {
      const state = this.#stepKnown(configuration.state, open, known);
      if (state !== undefined) after.add(without(this.#moved(configuration, state, open), open.pending));
      return !mayComeToFit(this.#model, configuration.state.value, known, this.#yet(configuration, open));
    });
    return after;
  }

  /** Lets open and crashed operations but `target` take effect in every order that makes a difference. `visit` says whether a configuration need not be followed further. */
  #explore(from: readonly Configuration[], target: Open, visit: (configuration: Configuration) => boolean): void {
    const seen = new Antichain();
    const queue = [...from];
    for (let next = queue.pop(); next !== undefined && this.#givenUp === undefined; next = queue.pop()) {
      if (!seen.add(next) || visit(next)) continue;
      if (seen.size > this.#limit) return this.#giveUp(`more than ${count(this.#limit, 'configuration')}`);
      queue.push(...this.#successors(next, target));
    }
  }

  *#successors(configuration: Configuration, target: Open): Generator<Configuration> {
    const { state, taken, uses } = configuration;
    for (const open of this.#waiting(configuration, target)) {
      const next = this.#step(state, open.op);
      if (next !== undefined) yield { ...this.#moved(configuration, next, target), taken: inserted(taken, { op: open.pending, before: open.silent ? undefined : state }) };
      else if (!open.silent) open.refused.set(state.key, state);
    }
    for (const { kind, op } of this.#crashed.left(configuration)) {
      const next = this.#step(state, op);
      // Without an effect it would only be used up.
      if (next !== undefined && next.key !== state.key) yield { ...this.#moved(configuration, next, target), uses: plusOne(uses, kind) };
    }
  }

  /** Open operations that may take effect before the target. */
  *#waiting(configuration: Configuration, target: Open): Generator<Open> {
    for (const open of this.#open.values()) if (open !== target && !open.observes && !isTaken(configuration, open.pending)) yield open;
  }

  *#yet(configuration: Configuration, target: Open): Generator<Yet> {
    for (const { op } of this.#waiting(configuration, target)) yield { op, count: 1 };
    yield* this.#crashed.left(configuration);
  }

  /** The configuration in another state; open observers, but for the one that completes, have passed the one it was in. */
  #moved(configuration: Configuration, state: State, target: Open): Configuration {
    const passed: Passed[] = [];
    for (const { pending, observes } of this.#open.values()) {
      if (!observes || pending === target.pending) continue;
      const states = configuration.passed.find(({ op }) => op === pending)?.states ?? [];
      passed.push({ op: pending, states: states.some(({ key }) => key === configuration.state.key) ? states : [...states, configuration.state] });
    }
    return { ...configuration, state, passed };
  }

  #step(state: State, op: ModelOp): State | undefined {
    const next = this.#model.step(state.value, op);
    return next === undefined ? undefined : this.#stateOf(next);
  }

  #stepKnown(state: State, open: Open, known: ModelOp): State | undefined {
    const next = this.#step(state, known);
    if (next !== undefined && this.#step(state, open.op)?.key !== next.key) this.#giveUp(`the effect of ${open.op.f} depends on its answer`);
    return next;
  }

  #stateOf(value: unknown): State {
    return { value, key: this.#model.key(value) };
  }

  #statesOf(configurations: Antichain): string {
    const states = new Map([...configurations].map(({ state }) => [state.key, state.value]));
    const show = (value: unknown): string => this.#model.show?.(value) ?? this.#model.key(value);
    return `the state can only have been ${listOf([...states.values()].map(show), STATES_SHOWN)}, or what open operations make of it`;
  }

  #giveUp(reason: string): void {
    this.#givenUp = reason;
    this.#configurations = new Antichain();
    this.#open.clear();
    this.#crashed.clear();
  }
}

function isTaken({ taken }: Configuration, op: Pending): boolean {
  return taken.some((other) => other.op === op);
}

function without(configuration: Configuration, op: Pending): Configuration {
  const { taken, passed } = configuration;
  return { ...configuration, taken: taken.filter((other) => other.op !== op), passed: passed.filter((other) => other.op !== op) };
}

function inserted<T extends { readonly op: Pending }>(list: readonly T[], item: T): readonly T[] {
  return [...list, item].sort((a, b) => a.op.index - b.op.index);
}

function callOf({ f, argument, result }: ModelOp): string {
  return `${f}${argument === null || argument === undefined ? '' : ` ${showValue(argument)}`}${result === undefined ? '' : ` → ${showValue(result)}`}`;
}
