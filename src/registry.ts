import * as checkerFolder from '../checkers/index.js';
import * as clusterFolder from '../clusters/index.js';
import * as nemesisFolder from '../nemeses/index.js';
import * as systemFolder from '../systems/index.js';
import * as workloadFolder from '../workloads/index.js';
import type { ClusterProvider, Nemesis, System, Workload } from './index.js';

/** The built-in plug-ins by name. The only file that knows the plug-in folders. */
export const clusters: Readonly<Record<string, ClusterProvider>> = byName([clusterFolder.localProvider]);
export const systems: Readonly<Record<string, System>> = byName([systemFolder.paxosSystem]);
