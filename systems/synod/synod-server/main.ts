import { randomInt } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { Json } from '../../paxos/core/index.js';
import { wallMs, wallTime } from '../../paxos/server/clock.js';
import { initDataFolder, openDataFolder } from '../../paxos/server/data-folder.js';
import { lastWords, type ServerError } from '../../paxos/server/failure.js';
import { lock } from '../../paxos/server/lock.js';
import { makeLog } from '../../paxos/server/log.js';
import { nodeFiles } from '../../paxos/server/node-files.js';
import type { Address } from '../../paxos/server/options.js';
import { nodeTimers } from '../../paxos/server/timers.js';
import { listening, Transport } from '../../paxos/server/transport.js';
import type { SynodMessage } from '../core/index.js';
import { SynodHost } from './host.js';
import { MAX_BODY_BYTES, respond, type SynodAnswer, type SynodService } from './http.js';
import { parseCommand, USAGE } from './options.js';
import { messageSchema } from './wire.js';

const tools = { files: nodeFiles, lock };

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
  const host = new SynodHost({ server: options, folder, seed: randomInt(2 ** 31), timers: nodeTimers, log, onFatal });
  const { id, cluster, client, peer, peers } = options;
  host.join(await Transport.open<SynodMessage>({ schema: messageSchema, self: id, cluster, genesis: host.genesis, listen: peer, peers, log, onMessages: (from, messages) => host.receive(from, messages) }));
  const end = (): void => {
    host.close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (options['exit-with-stdin']) process.stdin.on('end', end).on('error', end).resume();
  await serve({ host, about: { node: id, incarnation: folder.identity.incarnation }, wallMs }, client);
  log.info('serving', { client: `${client.host}:${client.port}`, bugs: options.bug });
}

async function serve(service: SynodService, listen: Address): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const body = size > MAX_BODY_BYTES ? undefined : jsonIn(Buffer.concat(chunks).toString('utf8'));
      respond({ method: request.method ?? '', path: request.url ?? '', body }, service, (answer) => send(response, answer));
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

function send(response: ServerResponse, { status, body }: SynodAnswer): void {
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
