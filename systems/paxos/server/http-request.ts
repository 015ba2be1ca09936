import { z } from 'zod';
import { READ_MODES, type Request } from '../core/index.js';
import { plainOperation } from './plain-operation.js';
import { memberSchema, operationSchema } from './wire.js';

/** A request that will never do: status, code and message for the answer. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

const envelope = z.looseObject({
  session: z.int().min(1).optional(),
  seq: z.int().min(1).optional(),
  firstUnacked: z.int().min(1).optional(),
  via: z.enum(READ_MODES).optional(),
  after: z.int().min(0).optional(),
});

const ROUTES = 'POST /session; POST /op; POST /transfer; POST /members; GET /kv/KEY, PUT /kv/KEY, POST /kv/KEY/cas, /kv/KEY/append, /kv/KEY/add; GET /status; GET /metrics';

/** Turns a request line and a body into a request of the core. Throws RequestError. */
export function parseRequest(method: string, url: string, body: string): Request {
  const [path = '', query = ''] = url.split('?', 2);
  if (method === 'POST' && (path === '/transfer' || path === '/session') && body === '') return requestOf(path, {});
  if (method === 'POST' && PLAIN.has(path)) return requestOf(path, path === '/session' ? {} : jsonOf(body));
  const match = /^\/kv\/([^/]+)(?:\/(cas|append|add))?$/.exec(path);
  if (match === null) throw new RequestError(404, 'no-such-path', `nothing here; there are ${ROUTES}`);
  return operation(shorthand(method, keyOf(match[1] ?? ''), match[2], body, new URLSearchParams(query)));
}

/** Paths whose requests stand in the body. */
const PLAIN: ReadonlySet<string> = new Set(['/session', '/transfer', '/members', '/op']);

/** The same for a body that has been read already, and a path that says no more than what is asked for. Throws RequestError. */
export function requestOf(path: string, body: unknown): Request {
  switch (path) {
    case '/session':
      return { kind: 'open-session' };
    case '/transfer':
      return transfer(body);
    case '/members':
      return members(body);
    case '/op':
      return plainOperation(body) ?? operation(body);
    default:
      throw new RequestError(404, 'no-such-path', `nothing here; there are ${ROUTES}`);
  }
}

/** curl's forms: the operation is in the method and the path, and the body is the value alone. */
function shorthand(method: string, key: string, action: string | undefined, body: string, query: URLSearchParams): unknown {
  const via = query.get('via');
  const after = query.get('after');
  if (method === 'GET' && action === undefined) return { f: 'read', key, ...(via === null ? {} : { via }), ...(after === null ? {} : { after: Number(after) }) };
  if (method === 'PUT' && action === undefined) return { f: 'write', key, value: jsonOf(body) };
  if (method === 'POST' && action === 'cas') return { f: 'cas', key, ...z.looseObject({}).parse(jsonOf(body)) };
  if (method === 'POST' && action !== undefined) return { f: action, key, value: jsonOf(body) };
  throw new RequestError(405, 'wrong-method', `${method} does not go with this path; there are ${ROUTES}`);
}

/** An operation by the schemas, whatever it looks like. Throws RequestError. */
export function operation(input: unknown): Request {
  const outer = envelope.safeParse(input);
  if (!outer.success) throw bad(outer.error);
  const { session, seq, firstUnacked, via, after, ...rest } = outer.data;
  const op = operationSchema.safeParse(rest);
  if (!op.success) throw bad(op.error);
  if ((session === undefined) !== (seq === undefined)) throw new RequestError(400, 'bad-request', 'session and seq go together');
  if (after !== undefined && via !== 'stale') throw new RequestError(400, 'bad-request', 'after is for stale reads only');
  if (via !== undefined && op.data.f !== 'read') throw new RequestError(400, 'bad-request', 'via is for reads only');
  return {
    kind: 'operation',
    op: op.data,
    ...(session === undefined || seq === undefined ? {} : { session: { id: session, seq, firstUnacked: firstUnacked ?? 1 } }),
    ...(via === undefined ? {} : { via }),
    ...(after === undefined ? {} : { after }),
  };
}

function transfer(body: unknown): Request {
  const parsed = z.strictObject({ to: z.int().min(1).exactOptional() }).safeParse(body);
  if (!parsed.success) throw bad(parsed.error);
  return { kind: 'transfer', ...parsed.data };
}

const membersSchema = z.strictObject({ add: z.array(memberSchema).default([]), remove: z.array(z.int().min(1)).default([]) });

function members(body: unknown): Request {
  const parsed = membersSchema.safeParse(body);
  if (!parsed.success) throw bad(parsed.error);
  return { kind: 'reconfigure', ...parsed.data };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new RequestError(400, 'not-json', `the body is not JSON: ${(error as Error).message}`);
  }
}

function keyOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RequestError(400, 'bad-key', 'the key is not well-formed percent-encoding');
  }
}

function bad(error: z.ZodError): RequestError {
  const issue = error.issues[0];
  return new RequestError(400, 'bad-request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.replace(/^: /, ''));
}
