import { randomInt } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { Json } from '../../paxos/core/index.js';
import { monotonicMs, wallMs, wallTime } from '../../paxos/server/clock.js';
import { initDataFolder, openDataFolder } from '../../paxos/server/data-folder.js';
import { lastWords, type ServerError } from '../../paxos/server/failure.js';
import { lock } from '../../paxos/server/lock.js';
import { makeLog } from '../../paxos/server/log.js';
import { nodeFiles } from '../../paxos/server/node-files.js';
import { listening } from '../../paxos/server/transport.js';
import { SynodHost } from './host.js';
import { parseCommand, USAGE } from './options.js';

const tools = { files: nodeFiles, lock };

/** A value may be so large, bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** The program: one node that decides keys. `POST /decide/KEY` with a JSON value answers the value that is decided. */
async function main(argv: readonly string[]): Promise<void> {
  const command = parseCommand(argv);
  if (command.kind === 'help') return void process.stdout.write(USAGE);
  if (command.kind === 'init') return initDataFolder(tools, command.owner.data, command.owner.cluster, command.owner.id);
  const { options } = command;
  process.stdout.on('error', () => undefined);
  const log = makeLog('info', options.id, wallTime, (line) => process.stdout.write(line));
  const folder = openDataFolder(tools, options.data, options.cluster, options.id, options['durable-copy']);
  process.on('exit', () => folder.release());
  const onFatal = (error: ServerError): void => {
    log.error(error.message);
    process.exit(error.exitCode);
  };
  const host = await SynodHost.open({ server: options, folder, seed: randomInt(2 ** 31), now: monotonicMs, log, onFatal });
  const end = (): void => {
    host.close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (options['exit-with-stdin']) process.stdin.on('end', end).on('error', end).resume();
  await serve(host, options.client, { node: options.id, incarnation: folder.identity.incarnation });
  log.info('serving', { client: `${options.client.host}:${options.client.port}`, bugs: options.bug });
}

async function serve(host: SynodHost, listen: { readonly host: string; readonly port: number }, about: { readonly node: number; readonly incarnation: number }): Promise<void> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/status') return send(response, 200, { ...about, decisions: host.decisions, wallMs: wallMs(), counters: host.counters() });
    const [, key] = /^\/decide\/([^/?]+)$/.exec(request.url ?? '') ?? [];
    if (request.method !== 'POST' || key === undefined) return send(response, 404, { error: { code: 'no-such-path', message: 'nothing here; there are POST /decide/KEY and GET /status', definite: true } });
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const value = size > MAX_BODY_BYTES ? undefined : jsonIn(Buffer.concat(chunks).toString('utf8'));
      if (value === undefined) return send(response, 400, { error: { code: 'bad-request', message: `the body is the value that is proposed: JSON, but not null, of at most ${MAX_BODY_BYTES} bytes`, definite: true } });
      host.propose(decodeURIComponent(key), value, (reply) => (reply.ok ? send(response, 200, { value: reply.value }) : send(response, 504, { error: { code: 'unknown', message: reply.message, definite: false } })));
    });
  });
  server.keepAliveTimeout = 60_000;
  await listening(server, listen, '--client');
}

/** A JSON value; undefined for what is none, and for null, which is what an undecided key holds. */
function jsonIn(text: string): Json | undefined {
  try {
    return (JSON.parse(text) as Json) ?? undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.headersSent) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { text, exitCode } = lastWords(error);
  process.stderr.write(`synod-server: ${text}\n`);
  process.exit(exitCode);
});
