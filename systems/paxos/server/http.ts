import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Reply, Request } from '../core/index.js';
import type { Host } from './host.js';
import { parseRequest, RequestError } from './http-request.js';
import { metricsText } from './metrics.js';
import { listening } from './transport.js';
import type { Address } from './options.js';

const MAX_BODY_BYTES = 1024 * 1024;

/** HTTP status of each refusal: 4xx the request can never work so, 503 it may work elsewhere or later, 504 nobody knows whether it took effect. */
const STATUS: Readonly<Record<Extract<Reply, { ok: false }>['code'], number>> = {
  'cas-mismatch': 409,
  'wrong-type': 422,
  'session-expired': 410,
  'not-leader': 503,
  'not-member': 503,
  overloaded: 503,
  'bad-request': 400,
  unavailable: 503,
  unknown: 504,
};

export interface HttpOptions {
  readonly listen: Address;
  readonly host: Host;
  /** More for GET /status. */
  readonly about: { readonly id: number; readonly cluster: string; readonly incarnation: number };
}

/** The clients' side: HTTP with JSON bodies. Throws ServerError if the address is taken. */
export async function openHttp(options: HttpOptions): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => handle(request, response, options));
  await listening(server, options.listen, '--client');
  return server;
}

function handle(request: IncomingMessage, response: ServerResponse, options: HttpOptions): void {
  if (request.method === 'GET' && request.url === '/status') return send(response, { status: 200, body: statusBody(options, Date.now()) });
  if (request.method === 'GET' && request.url === '/metrics') {
    const status = options.host.status();
    const text = metricsText(status, { ...status.counters, ...options.host.counters() }, { ...options.about, longestStopMs: options.host.longestStopMs });
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', 'content-length': Buffer.byteLength(text) });
    response.end(text);
    return;
  }
  readBody(request, response, (body) => {
    let parsed: Request;
    try {
      parsed = parseRequest(request.method ?? '', request.url ?? '', body);
    } catch (error) {
      return send(response, refusalOf(error));
    }
    options.host.request(parsed, (reply) => send(response, answerOf(reply)));
  });
}

/** A status line and a body. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What GET /status says. */
export function statusBody({ about, host }: Pick<HttpOptions, 'about' | 'host'>, wallMs: number): unknown {
  const status = host.status();
  // This is asked for often. What is spread comes last, and once: to add to it takes twenty times as long.
  const { walWrites, walFsyncs, walBytes, peerMessagesDropped } = host.counters();
  const counters = { walWrites, walFsyncs, walBytes, peerMessagesDropped, ...status.counters };
  const { id, cluster, incarnation } = about;
  return { id, cluster, incarnation, longestStopMs: host.longestStopMs, wallMs, ...status, counters };
}

/** How the core's reply is told. */
export function answerOf(reply: Reply): Answer {
  if (reply.ok) return { status: 200, body: reply.at === undefined ? { value: reply.value } : { value: reply.value, at: reply.at } };
  const { code, message, definite, actual, leader } = reply;
  return { status: STATUS[code], body: { error: { code, message, definite, ...(actual === undefined ? {} : { actual }), ...(leader === undefined ? {} : { leader }) } } };
}

/** How a request that cannot be understood is refused. */
export function refusalOf(error: unknown): Answer {
  const refusal = error instanceof RequestError ? error : new RequestError(400, 'bad-request', error instanceof z.ZodError ? (error.issues[0]?.message ?? 'bad request') : String(error));
  return { status: refusal.status, body: { error: { code: refusal.code, message: refusal.message, definite: true } } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function readBody(request: IncomingMessage, response: ServerResponse, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('error', () => undefined);
  request.on('end', () => {
    if (size <= MAX_BODY_BYTES) done(Buffer.concat(chunks).toString('utf8'));
    else send(response, { status: 413, body: { error: { code: 'too-large', message: `a body may have ${MAX_BODY_BYTES} bytes`, definite: true } } });
  });
}
