import type { Service } from '../checkers/testing/long-run.js';
import type { Random } from '../src/index.js';

/** Objects that answer at once, for histories of any length; a state is changed in place. Elements are the number of their invocation: unique. */
const either = (random: Random, insert: string, remove: string, serial: number): { readonly f: string; readonly value: unknown } => (random.int(2) === 0 ? { f: insert, value: serial } : { f: remove, value: null });

class Fifo {
  readonly items: number[] = [];
  head = 0;
}

export const fifoQueue: Service<Fifo> = {
  get init() {
    return new Fifo();
  },
  ask: (serial, _state, random) => either(random, 'enqueue', 'dequeue', serial),
  answer: (state, f, value) => {
    if (f === 'enqueue') state.items.push(value as number);
    return { result: f === 'enqueue' ? value : (state.items[state.head] === undefined ? null : state.items[state.head++]), state };
  },
};

/** A bag gives the element added last, or the one before it. */
export const bag: Service<number[]> = {
  get init() {
    return [];
  },
  ask: (serial, _state, random) => either(random, 'enqueue', 'dequeue', serial),
  answer: (state, f, value) => {
    if (f === 'enqueue') state.push(value as number);
    return { result: f === 'enqueue' ? value : (state.splice(Math.max(0, state.length - 2), 1)[0] ?? null), state };
  },
};

export const stack: Service<number[]> = {
  get init() {
    return [];
  },
  ask: (serial, _state, random) => either(random, 'push', 'pop', serial),
  answer: (state, f, value) => {
    if (f === 'push') state.push(value as number);
    return { result: f === 'push' ? value : (state.pop() ?? null), state };
  },
};

/** A priority queue whose elements come with growing priorities, half of them out of turn by a little: all are different, and it stays short enough for a sorted list. */
export const priorityQueue: Service<number[]> = {
  get init() {
    return [];
  },
  ask: (serial, _state, random) => either(random, 'insert', 'extract-min', (serial - random.int(2) * random.int(50)) * 64 + (serial % 64)),
  answer: (state, f, value) => {
    if (f === 'extract-min') return { result: state.shift() ?? null, state };
    let at = state.length;
    while (at > 0 && (state[at - 1] as number) > (value as number)) at--;
    state.splice(at, 0, value as number);
    return { result: value, state };
  },
};

/** A set of few elements, of which each is added, removed and asked for over and over; nothing is answered to changes. */
export const memberSet: Service<Set<number>> = {
  get init() {
    return new Set<number>();
  },
  ask: (serial, _state, random) => {
    const kind = random.int(4);
    return kind === 0 ? { f: 'add', value: serial } : { f: 'contains', value: Math.max(1, serial - random.int(200)) };
  },
  answer: (state, f, value) => {
    if (f === 'add') state.add(value as number);
    return { result: f === 'add' ? value : state.has(value as number), state };
  },
};

/** A counter to which ones are added. */
export const counter: Service<number> = {
  init: 0,
  ask: (_serial, _state, random) => (random.int(2) === 0 ? { f: 'read', value: null } : { f: 'add', value: 1 }),
  answer: (state, f) => (f === 'read' ? { result: state, state } : { result: state + 1, state: state + 1 }),
};

/** A lock whose holders release it; an acquire of a lock that is held fails. */
export const mutex: Service<boolean> = {
  init: false,
  ask: (_serial, held) => (held ? { f: 'release', value: null } : { f: 'acquire', value: null }),
  answer: (held, f) => (f === 'acquire' ? (held ? undefined : { result: null, state: true }) : held ? { result: null, state: false } : undefined),
};

export const uniqueIds: Service<number> = {
  init: 0,
  ask: () => ({ f: 'generate', value: null }),
  answer: (state) => ({ result: state + 1, state: state + 1 }),
};

/** Two values of a store that are written together and read together. */
export const multiRegister: Service<{ x: number | null; y: number | null }> = {
  get init() {
    return { x: null, y: null };
  },
  ask: (serial, _state, random) => ({ f: 'txn', value: random.int(2) === 0 ? [['r', 'x', null], ['r', 'y', null]] : [['w', 'x', serial], ['w', 'y', serial]] }),
  answer: (state, _f, value) => {
    const steps = value as readonly (readonly ['r' | 'w', 'x' | 'y', number | null])[];
    return {
      result: steps.map(([kind, key, argument]) => {
        if (kind === 'w') state[key] = argument;
        return [kind, key, state[key]];
      }),
      state,
    };
  },
};
