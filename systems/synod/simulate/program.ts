import type { Machine } from '../../../src/index.js';
import type { Json } from '../../paxos/core/index.js';
import { initDataFolder, openDataFolder } from '../../paxos/server/data-folder.js';
import { makeLog } from '../../paxos/server/log.js';
import { runProgram, timersOf, toolsOf, wallTimeOf } from '../../paxos/simulate/on-machine.js';
import { SimTransport } from '../../paxos/simulate/transport.js';
import type { SynodMessage } from '../core/index.js';
import { SynodHost } from '../synod-server/host.js';
import { respond, type SynodService } from '../synod-server/http.js';
import { parseCommand, type SynodServerOptions } from '../synod-server/options.js';

/** The program of a node, as synod-server/main.ts runs it on a real machine. Its exit code if it ends at once. */
export function runSynodServer(argv: readonly string[], machine: Machine): number | undefined {
  return runProgram('synod-server', machine, () => {
    const command = parseCommand(argv);
    if (command.kind === 'serve') {
      serve(command.options, machine);
      return undefined;
    }
    if (command.kind === 'init') initDataFolder(toolsOf(machine), command.owner.data, command.owner.cluster, command.owner.id);
    return 0;
  });
}

function serve(options: SynodServerOptions, machine: Machine): void {
  const log = makeLog('info', options.id, wallTimeOf(machine), (line) => machine.write(line));
  const folder = openDataFolder(toolsOf(machine), options.data, options.cluster, options.id);
  const host = new SynodHost({
    server: options,
    folder,
    seed: machine.random(2 ** 31),
    timers: timersOf(machine),
    log,
    onFatal: ({ message, exitCode }) => {
      log.error(message);
      machine.exit(exitCode);
    },
  });
  host.join(new SimTransport<SynodMessage>(machine, options, host.genesis, (from, message) => host.receive(from, [message])));
  machine.onTerminate(() => {
    host.close();
    machine.exit(0);
  });
  const service: SynodService = { host, about: { node: options.id, incarnation: folder.identity.incarnation }, wallMs: () => machine.wallMs() };
  machine.serve(({ method, path, body }, answer) => respond({ method, path, body: (body as Json | undefined) ?? undefined }, service, answer));
}
