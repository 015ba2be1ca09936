import { randomInt } from 'node:crypto';
import { clockFor, wallMs, wallTime } from './clock.js';
import { hasIdentity, initDataFolder, nodeIn, openDataFolder, type DataFolder } from './data-folder.js';
import { lastWords, type ServerError } from './failure.js';
import type { Message } from '../core/index.js';
import { Host } from './host.js';
import { openHttp } from './http.js';
import { lock } from './lock.js';
import { makeLog } from './log.js';
import { nodeFiles } from './node-files.js';
import { parseInit, parseOptions, USAGE, type ServerOptions } from './options.js';
import { nodeTimers } from './timers.js';
import { Transport } from './transport.js';
import { messageSchema } from './wire.js';

/** How long an ordered end waits for a successor. */
const HAND_OVER_MS = 1000;

const tools = { files: nodeFiles, lock };

/** The program: one node of the register service. */
async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'init') {
    const { data, cluster, id } = parseInit(argv.slice(1));
    initDataFolder(tools, data, cluster, id);
    return;
  }
  const options = parseOptions(argv, (data) => nodeIn(nodeFiles, data));
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  // A log that nobody reads any more is no reason to stop serving.
  process.stdout.on('error', () => undefined);
  const log = makeLog(options.logLevel, options.id, wallTime, (line) => process.stdout.write(line));
  if (options.bugs.includes('wiped-disk-rejoins') && !hasIdentity(nodeFiles, options.data)) initDataFolder(tools, options.data, options.cluster, options.id);
  const folder = openDataFolder(tools, options.data, options.cluster, options.id, options.durableCopy);
  process.on('exit', () => folder.release());
  const { id, cluster, client, peer, core, bugs } = options;
  log.info('starting', { cluster, incarnation: folder.identity.incarnation, nodes: core.nodes, q1: core.q1, q2: core.q2, reads: core.reads, ...(bugs.length > 0 ? { bugs } : {}) });
  const host = await openHost(options, folder, log);
  endInOrder(options, host, log);
  await openHttp({ listen: client, host, about: { id, cluster, incarnation: folder.identity.incarnation } });
  log.info('serving', { client: `${client.host}:${client.port}`, peer: `${peer.host}:${peer.port}` });
}

/** Recovers from the disk and joins the network. Throws ServerError. */
async function openHost(options: ServerOptions, folder: DataFolder, log: ReturnType<typeof makeLog>): Promise<Host> {
  const onFatal = (error: ServerError): void => {
    log.error(error.message);
    process.exit(error.exitCode);
  };
  const { id, cluster, peer, peers, bugs } = options;
  const host = new Host({ server: options, folder, seed: randomInt(2 ** 31), now: clockFor(bugs, { ...nodeTimers, wallMs }), timers: nodeTimers, log, onFatal });
  host.join(await Transport.open<Message>({ schema: messageSchema, self: id, cluster, genesis: host.genesis, listen: peer, peers, log, onMessages: (from, messages) => host.receive(from, messages) }));
  return host;
}

function endInOrder({ exitWithStdin }: ServerOptions, host: Host, log: ReturnType<typeof makeLog>): void {
  const end = (why: string): void => {
    log.info('ending', { why });
    host.close();
    process.exit(0);
  };
  // Others need not wait for an election timeout, if this one leads.
  const endGently = (why: string): void => void host.handOver(HAND_OVER_MS).then(() => end(why));
  process.on('SIGTERM', () => endGently('SIGTERM'));
  process.on('SIGINT', () => endGently('SIGINT'));
  if (!exitWithStdin) return;
  process.stdin.on('end', () => end('standard input was closed'));
  process.stdin.on('error', () => end('standard input broke'));
  process.stdin.resume();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { text, exitCode } = lastWords(error);
  process.stderr.write(`paxos-server: ${text}\n`);
  process.exit(exitCode);
});
