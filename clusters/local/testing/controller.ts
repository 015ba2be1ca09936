import { Random, realClock } from '../../../src/index.js';
import { localProvider } from '../index.js';
import { childPid } from './cluster.js';

/**
 * A controller of its own for the tests of how one may end: starts two nodes, pauses the second, says `started`, and then
 * does as it is told: waits to be killed, exits, or throws.
 */
const [runDir = '', runId = '', program = '', end = 'wait', mode = 'family'] = process.argv.slice(2);

const cluster = await localProvider.provision({
  runId,
  nodeCount: 2,
  ports: ['peer'],
  peerPorts: ['peer'],
  runDir,
  clock: realClock(),
  random: Random.fromSeed(runId),
  // The program of mode `clock` is there for what libfaketime leaves behind.
  needs: mode === 'clock' ? ['clock'] : [],
  log: () => undefined,
  signal: new AbortController().signal,
});
for (const node of cluster.nodes) {
  await node.start({ argv: [process.execPath, program, mode, String(node.listen('peer').port)], logFile: 'node.log' });
  await childPid(node);
}
await cluster.nodes[1]?.signal('SIGSTOP');
process.stdout.write('started\n');
if (end === 'exit') process.exit(3);
if (end === 'throw') throw new Error('as told');
