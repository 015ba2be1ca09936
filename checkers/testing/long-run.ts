import { Random, type Op } from '../../src/index.js';

/** What a client asks for, and what an operation does. */
export interface Service<S> {
  readonly init: S;
  /** `serial` counts invocations from 1, `state` is what a client may have seen. */
  ask(serial: number, state: S, random: Random): Pick<Op, 'f' | 'value'>;
  /** The answer and the state after it; undefined: it fails. */
  answer(state: S, f: string, value: unknown): { readonly result: unknown; readonly state: S } | undefined;
}

interface Client {
  process: number;
  call: Pick<Op, 'f' | 'value'> | undefined;
  /** Once it has taken effect, or failed to. */
  done: { readonly type: 'ok' | 'fail'; readonly result: unknown } | undefined;
}

/** How a long run goes. */
export interface LongRun {
  readonly clients: number;
  readonly seed: number;
  /** Probability that a client crashes in a step while it has an operation open. */
  readonly crashes?: number;
  /** Operations invoked; default: no end. */
  readonly calls?: number;
}

/**
 * The events of a correct service, one by one: of the clients one drawn from the seed goes one step: it invokes, its operation takes effect, it
 * gets the answer, or it crashes and comes back as another process. Ends when all operations have completed.
 */
export function* longRun<S>(service: Service<S>, { clients, seed, crashes = 0, calls = Infinity }: LongRun): Generator<Op, void> {
  const random = Random.fromSeed(seed);
  const all = Array.from({ length: clients }, (_, process): Client => ({ process, call: undefined, done: undefined }));
  let [index, serial, fresh, state] = [0, 0, clients, service.init];
  const event = ({ process }: Client, type: Op['type'], f: string, value: unknown): Op => ({ index, time: index++, process, type, f, value });
  for (;;) {
    const client = all[random.int(clients)] as Client;
    const { call, done } = client;
    if (call === undefined && serial >= calls) {
      if (all.every((other) => other.call === undefined)) return;
    } else if (call === undefined) {
      client.call = service.ask(++serial, state, random);
      yield event(client, 'invoke', client.call.f, client.call.value);
    } else if (crashes > 0 && random.float() < crashes) {
      yield event(client, 'info', call.f, call.value);
      Object.assign(client, { process: fresh++, call: undefined, done: undefined });
    } else if (done === undefined) {
      const answer = service.answer(state, call.f, call.value);
      client.done = answer === undefined ? { type: 'fail', result: call.value } : { type: 'ok', result: answer.result };
      state = answer?.state ?? state;
    } else {
      yield event(client, done.type, call.f, done.result);
      Object.assign(client, { call: undefined, done: undefined });
    }
  }
}

/** A register: reads, writes and compare-and-set of `values` values, or of values that are never used twice. */
export function registerService(values: number | 'unique'): Service<unknown> {
  const value = (serial: number, random: Random): number => (values === 'unique' ? serial : random.int(values));
  return {
    init: null,
    ask: (serial, state, random) => {
      const kind = random.int(3);
      if (kind === 0) return { f: 'read', value: null };
      return kind === 1 ? { f: 'write', value: value(serial, random) } : { f: 'cas', value: [state, value(serial, random)] };
    },
    answer: (state, f, value) => {
      if (f === 'read') return { result: state, state };
      if (f === 'write') return { result: value, state: value };
      const [from, to] = value as readonly unknown[];
      return from === state ? { result: value, state: to } : undefined;
    },
  };
}

/** A counter; additions answer the new total. */
export const counterService: Service<number> = {
  init: 0,
  ask: (_serial, _state, random) => (random.int(5) < 2 ? { f: 'read', value: null } : { f: 'add', value: 1 + random.int(5) }),
  answer: (state, f, value) => (f === 'read' ? { result: state, state } : { result: state + (value as number), state: state + (value as number) }),
};

/** A list of unique elements; appends answer the new length. */
export const listService: Service<readonly number[]> = {
  init: [],
  ask: (serial, _state, random) => (random.int(5) < 2 ? { f: 'read', value: null } : { f: 'append', value: serial }),
  answer: (state, f, value) => (f === 'read' ? { result: state, state } : { result: state.length + 1, state: [...state, value as number] }),
};
