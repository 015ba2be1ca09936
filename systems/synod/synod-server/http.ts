import type { Json } from '../../paxos/core/index.js';
import type { SynodHost } from './host.js';

/** A value may be so large, bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A request of a client. */
export interface SynodRequest {
  readonly method: string;
  readonly path: string;
  /** The value that the body holds; undefined if it holds none, null, or too much. */
  readonly body: Json | undefined;
}

/** A status line and a body of JSON. */
export interface SynodAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A node as its clients see it. */
export interface SynodService {
  readonly host: SynodHost;
  /** More for GET /status. */
  readonly about: { readonly node: number; readonly incarnation: number };
  /** The wall clock, milliseconds since 1970. */
  readonly wallMs: () => number;
}

/** Answers a request, once: `POST /decide/KEY` with the value that the key is decided to be, when it is known; `GET /status` at once. */
export function respond({ method, path, body }: SynodRequest, { host, about, wallMs }: SynodService, answer: (answer: SynodAnswer) => void): void {
  if (method === 'GET' && path === '/status') return answer({ status: 200, body: { ...about, decisions: host.decisions, wallMs: wallMs(), counters: host.counters() } });
  const key = keyIn(path);
  if (method !== 'POST' || key === undefined) return answer(refusal(404, 'no-such-path', 'nothing here; there are POST /decide/KEY and GET /status'));
  if (body === undefined) return answer(refusal(400, 'bad-request', `the body is the value that is proposed: JSON, but not null, of at most ${MAX_BODY_BYTES} bytes`));
  host.propose(key, body, (reply) => answer(reply.ok ? { status: 200, body: { value: reply.value } } : { status: 504, body: { error: { code: 'unknown', message: reply.message, definite: false } } }));
}

function keyIn(path: string): string | undefined {
  const [, key] = /^\/decide\/([^/?]+)$/.exec(path) ?? [];
  try {
    return key === undefined ? undefined : decodeURIComponent(key);
  } catch {
    return undefined;
  }
}

function refusal(status: number, code: string, message: string): SynodAnswer {
  return { status, body: { error: { code, message, definite: true } } };
}
