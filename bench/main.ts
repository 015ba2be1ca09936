import { benchCheckers } from './checkers.js';
import { benchDocker } from './docker.js';
import { benchEtcd } from './etcd.js';
import { benchExplore } from './explore.js';
import { benchInterpreter } from './interpreter.js';
import { benchPaxos } from './paxos.js';
import { benchSimulation } from './simulation.js';

const BENCHES: Readonly<Record<string, () => Promise<unknown>>> = { interpreter: () => benchInterpreter(), checkers: () => benchCheckers(), explore: async () => benchExplore(), paxos: () => benchPaxos(), simulation: () => benchSimulation(), etcd: () => benchEtcd(), docker: () => benchDocker() };

/** `npm run bench [-- names]`: prints figures; ratios within one run are what can be compared between machines. */
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const names = given.length > 0 ? given : Object.keys(BENCHES);
for (const name of names) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    process.stderr.write(`no bench "${name}"; there are ${Object.keys(BENCHES).join(', ')}\n`);
    process.exit(254);
  }
  await bench();
  process.stdout.write('\n');
}
