import { checkers as checkerFactories, type CheckerFactory } from '../checkers/index.js';
import { dockerProvider, localProvider, simProvider } from '../clusters/index.js';
import { clockNemesis, diskNemesis, killNemesis, membersNemesis, memoryNemesis, packetNemesis, partitionNemesis, pauseNemesis, powerNemesis, slowNemesis, terminateNemesis, transferNemesis } from '../nemeses/index.js';
import { paxosSystem, replicaExploration, synodExploration, synodSystem } from '../systems/index.js';
import { appendWorkload, consensusWorkload, counterWorkload, registerWorkload } from '../workloads/index.js';
import type { ClusterProvider, Exploration, Nemesis, System, Workload } from './index.js';

/** The built-in plug-ins by name. The only file that knows the plug-in folders. */
export const clusters: Readonly<Record<string, ClusterProvider>> = byName([localProvider, dockerProvider, simProvider]);
export const systems: Readonly<Record<string, System>> = byName([paxosSystem, synodSystem]);
export const workloads: Readonly<Record<string, Workload>> = byName([registerWorkload, appendWorkload, counterWorkload, consensusWorkload]);
export const nemeses: Readonly<Record<string, Nemesis>> = byName([partitionNemesis, killNemesis, pauseNemesis, slowNemesis, terminateNemesis, memoryNemesis, packetNemesis, clockNemesis, powerNemesis, diskNemesis, membersNemesis, transferNemesis]);
export const explorations: Readonly<Record<string, Exploration>> = byName([synodExploration, replicaExploration]);
export const checkers: Readonly<Record<string, CheckerFactory>> = checkerFactories;

export { checkerOf, checkHistory, judge, judgeLevel, models, operationsIn, PROMISES, standardCheckers, type AnyModel, type Level, type CheckerOutcome, type Judgement } from '../checkers/index.js';

function byName<T extends { readonly name: string }>(plugins: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(plugins.map((plugin) => [plugin.name, plugin]));
}
