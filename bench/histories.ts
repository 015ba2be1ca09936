import { Random, type Op } from '../src/index.js';

/** Which operations a generated history has. */
export type Kind = 'uniq' | 'uniqcas' | 'small';

export interface HistorySpec {
  readonly kind: Kind;
  /** Clients, all of them always busy. */
  readonly clients: number;
  readonly operations: number;
  /** False: one stale read at nine tenths of the length. */
  readonly valid: boolean;
  readonly keys?: number;
  /** Share of operations that are left indeterminate. */
  readonly indeterminate?: number;
  readonly seed?: number;
}

const SMALL_VALUES = 5;

/** `uniqcas c50 n1,000,000 bad, 2 % indeterminate`. */
export function nameOf({ kind, clients, operations, valid, keys = 1, indeterminate = 0 }: HistorySpec): string {
  const rest = [...(keys > 1 ? [`${keys} keys`] : []), ...(indeterminate > 0 ? [`${indeterminate * 100} % indeterminate`] : [])];
  return `${kind} c${clients} n${operations.toLocaleString('en-US')}${valid ? '' : ' bad'}${rest.map((text) => `, ${text}`).join('')}`;
}

interface Client {
  /** -1: idle. */
  stage: number;
  process: number;
  f: string;
  value: unknown;
  result: unknown;
  outcome: 'ok' | 'fail' | 'info';
}

/**
 * The events of a register in a closed loop: again and again a client is drawn and does its next step: it invokes, its operation takes effect,
 * it completes. So intervals overlap as much as there are clients, and the history is linearizable by construction, but for the one stale read of a bad one.
 */
export function* generate(spec: HistorySpec): Generator<Op> {
  const random = Random.fromSeed(spec.seed ?? 1);
  const share = 1 / (spec.keys ?? 1);
  let index = 0;
  for (let key = 0; key < (spec.keys ?? 1); key++) {
    const of = spec.keys === undefined ? undefined : key;
    for (const event of generateKey({ ...spec, operations: Math.round(spec.operations * share) }, random.fork(`key ${key}`))) {
      yield { ...event, index, time: index++ * 1000, ...(of === undefined ? {} : { key: of }) };
    }
  }
}

function* generateKey(spec: HistorySpec, random: Random): Generator<Omit<Op, 'index' | 'time'>> {
  const clients = Array.from({ length: spec.clients }, (_, process): Client => ({ stage: -1, process, f: '', value: null, result: null, outcome: 'ok' }));
  let state: unknown = spec.kind === 'small' ? 0 : null;
  let [invoked, serial, nextProcess] = [0, 0, spec.clients];
  const past: unknown[] = [];
  let staleAt = spec.valid ? Infinity : Math.floor(spec.operations * 0.9);
  let busy = 0;
  if (spec.kind === 'small') yield* [{ process: nextProcess, type: 'invoke', f: 'write', value: 0 }, { process: nextProcess++, type: 'ok', f: 'write', value: 0 }] as const;
  while (invoked < spec.operations || busy > 0) {
    const client = clients[random.int(clients.length)] as Client;
    if (client.stage < 0) {
      if (invoked === spec.operations) continue;
      if (invoked >= staleAt && spec.kind === 'small') {
        // Of five values every one is always somewhere near: everybody stops, one writes, and reads another value.
        if (busy > 0) continue;
        const { process } = client;
        yield* [{ process, type: 'invoke', f: 'write', value: 1 }, { process, type: 'ok', f: 'write', value: 1 }, { process, type: 'invoke', f: 'read', value: null }, { process, type: 'ok', f: 'read', value: 2 }] as const;
        state = 2;
        staleAt = Infinity;
      }
      invoked++;
      busy++;
      client.stage = 0;
      const fresh = (): unknown => (spec.kind === 'small' ? random.int(SMALL_VALUES) : ++serial);
      const draw = random.float();
      if (spec.kind === 'uniq' ? draw < 0.5 : draw < 1 / 3) Object.assign(client, { f: 'read', value: null });
      else if (spec.kind === 'uniq' || draw < 2 / 3) Object.assign(client, { f: 'write', value: fresh() });
      else Object.assign(client, { f: 'cas', value: [spec.kind === 'small' ? random.int(SMALL_VALUES) : state, fresh()] });
      yield { process: client.process, type: 'invoke', f: client.f, value: client.value };
    } else if (client.stage === 0) {
      client.stage = 1;
      const lost = random.float() < (spec.indeterminate ?? 0);
      client.outcome = lost ? 'info' : 'ok';
      // One in two of the indeterminate has no effect.
      if (lost && random.float() < 0.5) continue;
      const [from, to] = client.f === 'cas' ? (client.value as readonly unknown[]) : [state, client.value];
      if (client.f === 'read') {
        client.result = state;
        if (invoked >= staleAt && spec.kind !== 'small' && client.outcome === 'ok' && past.length > 2 * spec.clients) {
          client.result = past[past.length - 2 * spec.clients - 1];
          staleAt = Infinity;
        }
      } else if (from === state) {
        state = to;
        past.push(to);
      } else if (client.outcome === 'ok') client.outcome = 'fail';
    } else {
      client.stage = -1;
      busy--;
      const value = client.outcome === 'ok' && client.f === 'read' ? client.result : client.value;
      yield { process: client.process, type: client.outcome, f: client.f, value };
      if (client.outcome === 'info') client.process = nextProcess++;
    }
  }
}
