import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { realClock, type Endpoint } from '../../src/index.js';
import { attemptOf, SessionClient } from './client.js';
import { HttpClient } from './http-client.js';

type Reply = { readonly status: number; readonly body: unknown } | 'hang' | 'break';
interface Seen {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A node that answers what the script says, and remembers what it was asked. */
async function fakeNode(script: (request: Seen, count: number) => Reply): Promise<{ readonly endpoint: Endpoint; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const asked = { path: request.url ?? '', body: JSON.parse(text) as Record<string, unknown> };
      seen.push(asked);
      const reply = script(asked, seen.length);
      if (reply === 'hang') return;
      if (reply === 'break') {
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply.body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, seen };
}

const ok = (value: unknown): Reply => ({ status: 200, body: { value } });
const refused = (code: string, definite: boolean, status = 503): Reply => ({ status, body: { error: { code, message: code, definite } } });
/** Opens the session at once, and then follows the script; counts from 1 for operations. */
const afterSession = (script: (count: number) => Reply) => ({ path }: Seen, count: number): Reply => (path === '/session' ? ok(9) : script(count - 1));

function clientOf(endpoints: readonly Endpoint[], roams = false): SessionClient {
  return new SessionClient({ endpoints, indexOf: (node) => node - 1, roams, options: { reads: 'mixed', attemptTimeoutMs: 150 }, clock: realClock(), http: new HttpClient() });
}

const WRITE = { f: 'write', key: 'k', value: 5 };
const deadline = (ms = 700): AbortSignal => AbortSignal.timeout(ms);

describe('an attempt', () => {
  it.each([
    [{ kind: 'not-sent', message: '' } as const, 'not-taken'],
    [{ kind: 'lost', code: 'timeout', message: '' } as const, 'doubtful'],
    [{ kind: 'answer', status: 200, body: { value: 1 } } as const, 'done'],
    [{ kind: 'answer', status: 409, body: { error: { code: 'cas-mismatch', message: '', definite: true } } } as const, 'refused'],
    [{ kind: 'answer', status: 503, body: { error: { code: 'not-leader', message: '', definite: true } } } as const, 'not-taken'],
    [{ kind: 'answer', status: 504, body: { error: { code: 'unknown', message: '', definite: false } } } as const, 'doubtful'],
    [{ kind: 'answer', status: 500, body: 'what?' } as const, 'doubtful'],
  ])('that gave %j is %s', (exchange, kind) => {
    expect(attemptOf(exchange).kind).toBe(kind);
  });
});

describe('a client', () => {
  it('retries with the same session and number, and takes the answer', async () => {
    const { endpoint, seen } = await fakeNode(afterSession((count) => (count === 1 ? 'break' : count === 2 ? 'hang' : ok(5))));
    using client = clientOf([endpoint]);
    expect(await client.invoke(WRITE, deadline())).toEqual({ type: 'ok', value: 5 });
    const operations = seen.filter(({ path }) => path === '/op').map(({ body }) => body);
    expect(operations).toHaveLength(3);
    for (const body of operations) expect(body).toMatchObject({ session: 9, seq: 1 });
    await client.invoke(WRITE, deadline());
    expect(seen.at(-1)?.body).toMatchObject({ session: 9, seq: 2 });
  });

  it('does not call an operation failed whose first attempt was lost, whatever the retry is told', async () => {
    const { endpoint } = await fakeNode(afterSession((count) => (count === 1 ? 'break' : refused('not-leader', true))));
    using client = clientOf([endpoint]);
    expect((await client.invoke(WRITE, deadline(300))).type).toBe('info');
  });

  it('calls one failed that nobody took', async () => {
    const { endpoint, seen } = await fakeNode(afterSession(() => refused('not-leader', true)));
    using client = clientOf([endpoint]);
    expect(await client.invoke(WRITE, deadline())).toMatchObject({ type: 'fail', error: { code: 'not-leader' } });
    expect(seen).toHaveLength(2);
  });

  it('fails for good where the comparison failed', async () => {
    const { endpoint } = await fakeNode(afterSession(() => refused('cas-mismatch', true, 409)));
    using client = clientOf([endpoint]);
    expect(await client.invoke({ f: 'cas', key: 'k', value: [1, 2] }, deadline())).toMatchObject({ type: 'fail', error: { code: 'cas-mismatch' } });
  });

  it('is not sure about an answer "unknown" that never clears up', async () => {
    const { endpoint } = await fakeNode(afterSession(() => refused('unknown', false, 504)));
    using client = clientOf([endpoint]);
    expect(await client.invoke(WRITE, deadline(200))).toMatchObject({ type: 'info', error: { code: 'unknown' } });
  });

  it('is not sure about an operation whose session is closed, and asks no more', async () => {
    const { endpoint, seen } = await fakeNode(afterSession(() => refused('session-expired', false, 410)));
    expect(await clientOf([endpoint]).invoke(WRITE, deadline())).toMatchObject({ type: 'info', error: { code: 'session-expired' } });
    expect(seen.length).toBe(2);
  });

  it('never ends a read as info: it has no effect', async () => {
    const { endpoint } = await fakeNode(() => 'hang');
    using client = clientOf([endpoint]);
    expect(await client.invoke({ f: 'read', key: 'k', value: null }, deadline(200))).toMatchObject({ type: 'fail', error: { code: 'timeout' } });
  });

  it('that is pinned fails at once when nobody listens', async () => {
    using client = clientOf([{ host: '127.0.0.1', port: 1 }]);
    expect(await client.invoke(WRITE, deadline())).toMatchObject({ type: 'fail', error: { code: 'session-connection-refused' } });
  });

  it('that roams turns to the next node', async () => {
    const { endpoint } = await fakeNode(afterSession(() => ok(5)));
    using client = clientOf([{ host: '127.0.0.1', port: 1 }, endpoint], true);
    expect(await client.invoke(WRITE, deadline())).toEqual({ type: 'ok', value: 5 });
  });
});
