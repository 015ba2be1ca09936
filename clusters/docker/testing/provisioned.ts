import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, realClock, type ProvisionRequest } from '../../../src/index.js';
import type { DockerCluster } from '../cluster.js';
import { provisionDocker } from '../provision.js';

let runs = 0;

/** A cluster of one node for a test, with the run's folder, which goes with it. */
export interface Provisioned extends AsyncDisposable {
  readonly runId: string;
  readonly cluster: DockerCluster;
}

/** Provisions as a run would; `more` says what is different. */
export async function provisioned(more: Partial<ProvisionRequest> = {}): Promise<Provisioned> {
  const runId = more.runId ?? `test-${process.pid}-${++runs}`;
  const runDir = await mkdtemp(join(tmpdir(), 'fl-cluster-'));
  const removeFolder = (): Promise<void> => rm(runDir, { recursive: true, force: true });
  try {
    const cluster = await provisionDocker({ runId, runDir, nodeCount: 1, ports: ['client', 'peer'], peerPorts: ['peer'], needs: [], clock: realClock(), random: Random.fromSeed(runId), log: () => undefined, signal: new AbortController().signal, ...more });
    return { runId, cluster, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]().finally(removeFolder) };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
