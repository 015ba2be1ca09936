import type { Machine, SimulatedAnswer, SimulatedRequest } from '../../../src/index.js';
import type { Message } from '../core/index.js';
import { clockFor } from '../server/clock.js';
import { hasIdentity, initDataFolder, nodeIn, openDataFolder } from '../server/data-folder.js';
import { Host } from '../server/host.js';
import { requestOf } from '../server/http-request.js';
import { answerOf, refusalOf, statusBody } from '../server/http.js';
import { makeLog, type Log } from '../server/log.js';
import { parseInit, parseOptions, type ServerOptions } from '../server/options.js';
import { runProgram, timersOf, toolsOf, wallTimeOf } from './on-machine.js';
import { SimTransport } from './transport.js';

/** How long an ordered end waits for a successor, as the real program does. */
const HAND_OVER_MS = 1000;

/** The program of a node, as server/main.ts runs it on a real machine. Its exit code if it ends at once. */
export function runServer(argv: readonly string[], machine: Machine): number | undefined {
  return runProgram('paxos-server', machine, () => {
    if (argv[0] === 'init') return init(argv.slice(1), machine);
    serve(argv, machine);
    return undefined;
  });
}

function init(argv: readonly string[], machine: Machine): number {
  const { data, cluster, id } = parseInit(argv);
  initDataFolder(toolsOf(machine), data, cluster, id);
  return 0;
}

function serve(argv: readonly string[], machine: Machine): void {
  const options = parseOptions(argv, (data) => nodeIn(machine.files, data));
  if (options === 'help') return machine.exit(0);
  const log = makeLog(options.logLevel, options.id, wallTimeOf(machine), (line) => machine.write(line));
  const watched: Log = { ...log, info: (message, fields) => {
    if (message === 'role') machine.role(fields?.['established'] === true || fields?.['role'] !== 'leader' ? String(fields?.['role']) : 'candidate');
    log.info(message, fields);
  } };
  if (options.bugs.includes('wiped-disk-rejoins') && !hasIdentity(machine.files, options.data)) initDataFolder(toolsOf(machine), options.data, options.cluster, options.id);
  const folder = openDataFolder(toolsOf(machine), options.data, options.cluster, options.id);
  const host = new Host({
    server: options,
    folder,
    seed: machine.random(2 ** 31),
    now: clockFor(options.bugs, machine),
    timers: timersOf(machine),
    log: watched,
    onFatal: ({ message, exitCode }) => {
      log.error(message);
      machine.exit(exitCode);
    },
  });
  host.join(new SimTransport<Message>(machine, options, host.genesis, (from, message) => host.receive(from, [message])));
  machine.onTerminate(() => void host.handOver(HAND_OVER_MS).then(() => {
    host.close();
    machine.exit(0);
  }));
  machine.serve((request, answer) => respond(request, answer, host, options, machine, folder.identity.incarnation));
}

function respond({ method, path, body }: SimulatedRequest, answer: (answer: SimulatedAnswer) => void, host: Host, { id, cluster }: ServerOptions, machine: Machine, incarnation: number): void {
  if (method === 'GET') return answer(path === '/status' ? { status: 200, body: statusBody({ host, about: { id, cluster, incarnation } }, machine.wallMs()) } : { status: 404, body: {} });
  let request;
  try {
    request = requestOf(path, body);
  } catch (error) {
    return answer(refusalOf(error));
  }
  host.request(request, (reply) => answer(answerOf(reply)));
}
