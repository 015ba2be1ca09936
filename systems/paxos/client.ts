import { z } from 'zod';
import { type Call, type Client, type ClientAdapter, type ClientContext, type Clock, type Endpoint, type Exchange, type OpError, type Outcome, type Run } from '../../src/index.js';
import { exchangerFor, type Exchanger } from './http-client.js';
import { paxosOptions, type PaxosOptions } from './options.js';

/** All that promise linearizability. */
const MIXED_READS = ['read-index', 'lease', 'quorum', 'log'] as const;

/** Pause before an attempt is repeated, milliseconds. */
const PAUSE_MS = 30;

/** What a single attempt tells about the operation. */
export type Attempt =
  | { readonly kind: 'done'; readonly value: unknown; readonly at?: number }
  /** It was carried out, or never will be, and this is the answer for good: also for a retry, which gets the answer of the first execution. */
  | { readonly kind: 'refused'; readonly error: OpError }
  /** This attempt had no effect; earlier ones may have had. */
  | { readonly kind: 'not-taken'; readonly error: OpError; readonly leader?: number }
  /** This attempt may have had, or may still have, an effect. */
  | { readonly kind: 'doubtful'; readonly error: OpError };

/** Answers that come from carrying the operation out in its session; a retry gets the same one. */
const EXECUTED: ReadonlySet<string> = new Set(['cas-mismatch', 'wrong-type']);

/** What an exchange says about an operation. */
export function attemptOf(exchange: Exchange): Attempt {
  if (exchange.kind === 'not-sent') return { kind: 'not-taken', error: { code: 'connection-refused', message: exchange.message } };
  if (exchange.kind === 'lost') return { kind: 'doubtful', error: { code: exchange.code, message: exchange.message } };
  const { status, body } = exchange;
  if (status === 200 && isSuccess(body)) return { kind: 'done', value: body.value ?? null, ...(body.at === undefined ? {} : { at: body.at }) };
  if (!isRefusal(body)) return { kind: 'doubtful', error: { code: 'bad-answer', message: `status ${status} with an unknown body` } };
  const { code, message, definite, leader } = body.error;
  const error = { code, message };
  if (!definite) return { kind: 'doubtful', error };
  if (EXECUTED.has(code)) return { kind: 'refused', error };
  return { kind: 'not-taken', error, ...(leader === undefined ? {} : { leader }) };
}

// By hand, since every operation passes here: a schema takes as long as all the rest of a client's work.

function isSuccess(body: unknown): body is { readonly value?: unknown; readonly at?: number } {
  return isObject(body) && isMissingOrNumber(body['at']);
}

function isRefusal(body: unknown): body is { readonly error: { readonly code: string; readonly message: string; readonly definite: boolean; readonly leader?: number } } {
  if (!isObject(body) || !isObject(body['error'])) return false;
  const { code, message, definite, leader } = body['error'];
  return typeof code === 'string' && typeof message === 'string' && typeof definite === 'boolean' && isMissingOrNumber(leader);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMissingOrNumber(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

/** Clients of the register service over HTTP: pinned to a node, with a session that makes retries exactly-once. */
export const paxosClients: ClientAdapter = {
  open: async (context, run) => new PaxosClient(context, run, paxosOptions.parse(run.systemOptions)),
};

/** What a client needs of a run. */
export interface PaxosClientSetting {
  /** The nodes' client addresses; the first is the one it is pinned to. */
  readonly endpoints: readonly Endpoint[];
  /** Index in `endpoints` of a node by its number from 1. */
  readonly indexOf: (node: number) => number;
  /** Whether it turns to other nodes when its own does not serve it. */
  readonly roams: boolean;
  readonly options: Pick<PaxosOptions, 'reads' | 'attemptTimeoutMs'>;
  readonly clock: Clock;
  readonly http: Exchanger;
}

/**
 * Half of the clients stay with their node whatever happens, so that what a cut-off node answers is seen; the other half
 * roam, as the library of a real service would.
 */
function settingOf({ node, thread, process }: ClientContext, run: Run, options: PaxosOptions): PaxosClientSetting {
  const { nodes } = run.cluster;
  const order = nodes.map((_, i) => nodes[(node.index + i) % nodes.length] ?? node);
  return {
    endpoints: order.map((each) => each.endpoint('client')),
    indexOf: (number) => order.findIndex((each) => each.index === number - 1),
    roams: Math.floor(thread / nodes.length) % 2 === 1,
    options,
    clock: run.clock,
    http: exchangerFor(run.cluster, String(process)),
  };
}

class PaxosClient implements Client {
  readonly #call: SessionClient;

  constructor(context: ClientContext, run: Run, options: PaxosOptions) {
    this.#call = new SessionClient(settingOf(context, run, options));
  }

  invoke(call: Call, signal: AbortSignal): Promise<Outcome> {
    return this.#call.invoke(call, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#call[Symbol.dispose]();
  }
}

/** One session with the service. After an outcome `info` it must not be used again. */
export class SessionClient implements Disposable {
  readonly #setting: PaxosClientSetting;
  #session: number | undefined;
  #seq = 0;
  #reads = 0;
  /** How far in the log it has seen. */
  #seen = 0;
  /** Index of the node to try next. */
  #at = 0;

  constructor(setting: PaxosClientSetting) {
    this.#setting = setting;
  }

  async invoke(call: Call, signal: AbortSignal): Promise<Outcome> {
    if (call.f === 'read') return this.#read(call, signal);
    if (this.#session === undefined) {
      const opened = await this.#attempts('/session', {}, signal);
      // A session that was opened without our knowing it does no harm.
      if (opened.type !== 'ok') return { type: 'fail', error: { code: `session-${opened.error.code}`, message: opened.error.message ?? '' } };
      this.#session = z.int().parse(opened.value);
      this.#seq = 0;
    }
    this.#seq++;
    const outcome = await this.#attempts('/op', operationOf(call, this.#session, this.#seq), signal);
    return outcome.type === 'ok' ? { type: 'ok', value: resultOf(call, outcome.value) } : outcome;
  }

  [Symbol.dispose](): void {
    this.#setting.http[Symbol.dispose]();
  }

  async #read(call: Call, signal: AbortSignal): Promise<Outcome> {
    const { reads } = this.#setting.options;
    const via = reads === 'mixed' ? MIXED_READS[this.#reads++ % MIXED_READS.length] : reads;
    const outcome = await this.#attempts('/op', { f: 'read', key: String(call.key), via, ...(via === 'stale' ? { after: this.#seen } : {}) }, signal);
    // A read has no effect: whatever is not an answer is a failure.
    return outcome.type === 'info' ? { type: 'fail', error: outcome.error } : outcome;
  }

  /** Repeats the same request until it has an answer that counts, or the signal. */
  async #attempts(path: string, body: unknown, signal: AbortSignal): Promise<Outcome> {
    let doubt: OpError | undefined;
    for (let attempt = 0; ; attempt++) {
      const result = await this.#attempt(path, body, signal);
      if (result.kind === 'done') {
        this.#seen = Math.max(this.#seen, result.at ?? 0);
        return { type: 'ok', value: result.value };
      }
      if (result.kind === 'refused') return { type: 'fail', error: result.error };
      // What a node said of it tells more than that the time was up in the middle of a later attempt.
      if (result.kind === 'doubtful' && result.error.code === 'session-expired') return { type: 'info', error: result.error };
      if (result.kind === 'doubtful' && (doubt === undefined || !signal.aborted)) doubt = result.error;
      const choices = this.#setting.roams ? this.#setting.endpoints.length : 1;
      // Nothing was taken anywhere: that is an answer. A doubt can only be settled by trying on.
      if (doubt === undefined && attempt + 1 >= choices) return { type: 'fail', error: result.error };
      this.#turn(result);
      const paused = await this.#setting.clock.sleep(PAUSE_MS, signal).then(() => true, () => false);
      if (!paused) return doubt === undefined ? { type: 'fail', error: result.error } : { type: 'info', error: doubt };
    }
  }

  async #attempt(path: string, body: unknown, signal: AbortSignal): Promise<Attempt> {
    const endpoint = this.#setting.endpoints[this.#at] ?? this.#setting.endpoints[0];
    if (endpoint === undefined) return { kind: 'not-taken', error: { code: 'no-node', message: 'there is no node to talk to' } };
    return attemptOf(await this.#setting.http.exchange('POST', endpoint, path, body, { timeoutMs: this.#setting.options.attemptTimeoutMs, signal }));
  }

  #turn(result: Attempt): void {
    if (!this.#setting.roams) return;
    const hint = result.kind === 'not-taken' && result.leader !== undefined ? this.#setting.indexOf(result.leader) : -1;
    this.#at = hint >= 0 && hint !== this.#at ? hint : (this.#at + 1) % this.#setting.endpoints.length;
  }
}

/** The request of an update in a session, of which every earlier one has been answered. */
function operationOf({ f, key, value }: Call, session: number, seq: number): Readonly<Record<string, unknown>> {
  if (f !== 'cas') return { f, key: String(key), value, session, seq, firstUnacked: seq };
  if (!Array.isArray(value) || value.length !== 2) throw new TypeError(`a cas is given what it is to find and what it is to write, not ${JSON.stringify(value)}`);
  const [from, to] = value as readonly unknown[];
  return { f, key: String(key), from, to, session, seq, firstUnacked: seq };
}

/** A write and a cas give back what they wrote; append and add what they made of it. */
function resultOf(call: Call, answer: unknown): unknown {
  return call.f === 'append' || call.f === 'add' ? answer : call.value;
}
