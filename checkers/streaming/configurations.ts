import type { Pending } from './engine.js';

/** A state of the model with the text that tells it from others. */
export interface State {
  readonly value: unknown;
  readonly key: string;
}

/** An open operation that has taken effect, and the state it took effect in where that decides which answers it may give. */
export interface Taken {
  readonly op: Pending;
  readonly before: State | undefined;
}

/** The states that an open observer has passed, the present one left out: its answer may be that of any of them. */
export interface Passed {
  readonly op: Pending;
  readonly states: readonly State[];
}

/**
 * One way the events so far can have gone: the operations completed are in order and have led to `state`, of the open ones those `taken`
 * have had their effect, and of the crashed ones as many of each kind as `uses` says. Immutable; lists are in order of invocation.
 */
export interface Configuration {
  readonly state: State;
  readonly taken: readonly Taken[];
  readonly passed: readonly Passed[];
  readonly uses: ReadonlyMap<string, number>;
}

/**
 * Configurations of which none dominates another. One dominates another if it has the same state and the same operations taken in the same
 * states, has passed at least the same states for every open observer, and used at most as many crashed operations of each kind: then
 * whatever the other can go on to do, it can.
 */
export class Antichain {
  readonly #groups = new Map<string, Configuration[]>();
  size = 0;

  /** Adds a configuration, unless one that dominates it is there; those that it dominates go. Whether it was added. */
  add(configuration: Configuration): boolean {
    const group = groupOf(configuration);
    const rivals = this.#groups.get(group);
    if (rivals === undefined) {
      this.#groups.set(group, [configuration]);
      this.size++;
      return true;
    }
    if (rivals.some((rival) => dominates(rival, configuration))) return false;
    const kept = rivals.filter((rival) => !dominates(configuration, rival));
    this.size += 1 + kept.length - rivals.length;
    kept.push(configuration);
    this.#groups.set(group, kept);
    return true;
  }

  *[Symbol.iterator](): Generator<Configuration> {
    for (const group of this.#groups.values()) yield* group;
  }
}

function groupOf({ state, taken }: Configuration): string {
  return JSON.stringify([state.key, ...taken.map(({ op, before }) => [op.index, before?.key ?? ''])]);
}

function dominates(a: Configuration, b: Configuration): boolean {
  for (const [kind, n] of a.uses) if (n > (b.uses.get(kind) ?? 0)) return false;
  return b.passed.every(({ op, states }) => {
    const wider = a.passed.find((passed) => passed.op === op)?.states ?? [];
    return states.every((state) => state.key === a.state.key || wider.some(({ key }) => key === state.key));
  });
}
