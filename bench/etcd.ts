import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, freePorts, loadOf, quantileText, withPaxos, type BenchCluster, type Load } from './paxos-cluster.js';

const NODES = 3;
const CLIENTS = [1, 50, 200] as const;
const MEASURE_MS = 4000;
const WARM_UP_MS = 1000;
/** The two take turns, so that a slow moment of the machine meets both. */
const ROUNDS = 3;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const keyOf = (client: number): string => `k${client}`;
const valueOf = (n: number): string => `v${String(n).padStart(9, '0')}`;

interface Contender {
  readonly name: string;
  readonly within: <T>(work: (cluster: BenchCluster) => Promise<T>) => Promise<T>;
  readonly path: string;
  readonly write: (client: number, n: number) => object;
}

const PAXOS: Contender = { name: 'paxos', within: (work) => withPaxos([], work), path: '/op', write: (client, n) => ({ f: 'write', key: keyOf(client), value: valueOf(n) }) };
const ETCD: Contender = { name: 'etcd', within: withEtcd, path: '/v3/kv/put', write: (client, n) => ({ key: base64(keyOf(client)), value: base64(valueOf(n)) }) };

/** Durable writes of the bundled service beside those of etcd from Debian's package, both with three nodes on this machine, the same clients, and JSON over HTTP. */
export async function benchEtcd(print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Promise<void> {
  const version = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  if (version.error !== undefined) {
    print('etcd is not installed: apt-get install etcd-server');
    return;
  }
  print(`Durable writes, 3 nodes on loopback, clients at the leader, JSON over HTTP; ${version.stdout.split('\n')[0] ?? 'etcd'}; best of ${ROUNDS} rounds of ${MEASURE_MS / 1000} s in turns`);
  print('service   clients   writes/s   p50 ms   p99 ms   leader CPU   follower CPU');
  const best = new Map<string, Load & { readonly leader: number }>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of [PAXOS, ETCD]) {
      await contender.within(async (cluster) => {
        for (const clients of CLIENTS) {
          const load = await measured(contender, cluster, clients);
          const name = `${contender.name} ${clients}`;
          if (load.perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, { ...load, leader: cluster.leader });
        }
      });
    }
  }
  for (const clients of CLIENTS) {
    for (const { name } of [PAXOS, ETCD]) {
      const load = best.get(`${name} ${clients}`);
      if (load !== undefined) print([name.padEnd(8), String(clients).padStart(8), load.perSecond.toFixed(0).padStart(10), quantileText(load, 0.5).padStart(8), quantileText(load, 0.99).padStart(8), `${load.cpu[load.leader]} %`.padStart(12), `${Math.max(...load.cpu.filter((_, i) => i !== load.leader))} %`.padStart(14)].join(' '));
    }
    print(`paxos writes ${((best.get(`paxos ${clients}`)?.perSecond ?? 0) / (best.get(`etcd ${clients}`)?.perSecond ?? 1)).toFixed(2)} times as fast as etcd with ${clients} clients`);
  }
}

async function measured({ path, write }: Contender, cluster: BenchCluster, clients: number): Promise<Load> {
  const ports = [cluster.clientPorts[cluster.leader] ?? 0];
  await loadOf(cluster, ports, clients, WARM_UP_MS, write, path);
  return loadOf(cluster, ports, clients, MEASURE_MS, write, path);
}

async function withEtcd<T>(work: (cluster: BenchCluster) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'faultline-etcd-'));
  const ports = await freePorts(2 * NODES);
  const url = (i: number): string => `http://127.0.0.1:${ports[i]}`;
  const cluster = Array.from({ length: NODES }, (_, i) => `n${i}=${url(NODES + i)}`).join(',');
  const processes = Array.from({ length: NODES }, (_, i) =>
    spawn('etcd', ['--name', `n${i}`, '--data-dir', join(data, `n${i}`), '--listen-client-urls', url(i), '--advertise-client-urls', url(i), '--listen-peer-urls', url(NODES + i), '--initial-advertise-peer-urls', url(NODES + i), '--initial-cluster', cluster, '--log-level', 'error'], { stdio: 'ignore' }),
  );
  try {
    const clientPorts = ports.slice(0, NODES);
    return await work({ processes, clientPorts, leader: await leaderOf(clientPorts) });
  } finally {
    for (const child of processes) child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

/** The node whose own id is that of its leader. */
async function leaderOf(clientPorts: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    for (const [i, port] of clientPorts.entries()) {
      const status = JSON.parse(await call(port, 'POST', '/v3/maintenance/status', '{}').catch(() => '{}')) as { leader?: string; header?: { member_id?: string } };
      if (status.leader !== undefined && status.leader === status.header?.member_id) return i;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no node of etcd leads within 10 s');
}
