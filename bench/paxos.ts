import { Agent } from 'node:http';
import { call, fsyncsOf, loadOf, quantileText, withPaxos, type BenchCluster } from './paxos-cluster.js';

const MEASURE_MS = 2500;
const WARM_UP_MS = 500;
const CLIENTS = [1, 16, 64, 256] as const;
const READERS = 64;
const KEYS = 100_000;
const FILLERS = 200;
const SNAPSHOT_CLIENTS = 16;
const SNAPSHOT_MS = 10_000;
const MODES = ['log', 'read-index', 'lease', 'quorum', 'stale'] as const;

type Print = (line: string) => void;

/** The bundled service with three real nodes on loopback: writes with and without fsync, reads in each mode, and where the time goes. */
export async function benchPaxos(print: Print = (line) => void process.stdout.write(`${line}\n`)): Promise<void> {
  await benchWrites(print);
  print('');
  await benchReads(print);
  print('');
  await benchSnapshots(print);
  print('clients and all nodes share the machine: CPU shares are of one core');
}

async function benchWrites(print: Print): Promise<void> {
  print(`Paxos writes: 3 nodes on loopback, 10 bytes each, clients at the leader over HTTP, ${MEASURE_MS / 1000} s a row`);
  print('disk        clients   writes/s   p50 ms   p99 ms   writes/fsync   leader CPU   follower CPU');
  const rates = new Map<string, number>();
  for (const [name, flags] of [['fsync', []], ['no fsync', ['--no-sync']], ['one slot', ['--max-pipeline', '1']]] as const) {
    await withPaxos(flags, async (cluster) => {
      for (const clients of CLIENTS) rates.set(`${name} ${clients}`, await writeRow(name, clients, cluster, print));
    });
  }
  for (const clients of CLIENTS) {
    print(`durable writes reach ${((100 * (rates.get(`fsync ${clients}`) ?? 0)) / (rates.get(`no fsync ${clients}`) ?? 1)).toFixed(0)} % of those without fsync at ${clients} clients`);
  }
  print('one slot: with fsync, and no slot is proposed before the one before it is chosen: neither pipelining nor group commit');
  for (const clients of CLIENTS) print(`pipelining and group commit give ${((rates.get(`fsync ${clients}`) ?? 0) / (rates.get(`one slot ${clients}`) ?? 1)).toFixed(1)} times the writes of one slot at a time at ${clients} clients`);
}

async function writeRow(name: string, clients: number, cluster: BenchCluster, print: Print): Promise<number> {
  const port = cluster.clientPorts[cluster.leader] ?? 0;
  const write = (id: number, n: number): object => ({ f: 'write', key: `k${id}`, value: `v${String(n).padStart(9, '0')}` });
  await loadOf(cluster, [port], clients, WARM_UP_MS, write);
  const fsyncsBefore = await fsyncsOf(port);
  const load = await loadOf(cluster, [port], clients, MEASURE_MS, write);
  const used = (await fsyncsOf(port)) - fsyncsBefore;
  const cells = [name.padEnd(10), String(clients).padStart(8), load.perSecond.toFixed(0).padStart(10), quantileText(load, 0.5).padStart(8), quantileText(load, 0.99).padStart(8), (used === 0 ? '-' : (load.latencies.length / used).toFixed(1)).padStart(14), ...cpuCells(load.cpu, cluster.leader)];
  print(cells.join(' '));
  return load.perSecond;
}

/** By mode and by where the clients are connected. */
async function benchReads(print: Print): Promise<void> {
  print(`Paxos reads: ${READERS} clients on 3 nodes, by how they are served and where they are asked`);
  print('mode         asked at     reads/s   p50 ms   p99 ms   leader CPU   follower CPU   of log reads there');
  await withPaxos([], async (cluster) => {
    const { clientPorts, leader } = cluster;
    const at = clientPorts[leader] ?? 0;
    await loadOf(cluster, [at], READERS, WARM_UP_MS, (id) => ({ f: 'write', key: `k${id}`, value: id }));
    const places = [['leader', [at]], ['followers', clientPorts.filter((port) => port !== at)], ['all nodes', clientPorts]] as const;
    for (const [place, ports] of places) {
      let logged = 0;
      for (const via of MODES) {
        const read = (id: number): object => ({ f: 'read', key: `k${id}`, via });
        await loadOf(cluster, ports, READERS, WARM_UP_MS, read);
        const load = await loadOf(cluster, ports, READERS, MEASURE_MS, read);
        if (via === 'log') logged = load.perSecond;
        print([via.padEnd(12), place.padEnd(10), load.perSecond.toFixed(0).padStart(9), quantileText(load, 0.5).padStart(8), quantileText(load, 0.99).padStart(8), ...cpuCells(load.cpu, leader), `${(load.perSecond / logged).toFixed(1)} x`.padStart(20)].join(' '));
      }
    }
  });
}

/** Snapshots of a large state while writes go on: what they cost, and for how long a node stands still for them. */
export async function benchSnapshots(print: Print): Promise<void> {
  print(`Paxos snapshots: ${KEYS} keys, ${SNAPSHOT_CLIENTS} clients writing at the leader, ${SNAPSHOT_MS / 1000} s a row`);
  print('a snapshot every   taken at the leader   writes/s   p50 ms   p99 ms   max ms   longest stop of a node ms   of its filling ms');
  for (const every of [0, 5000]) {
    await withPaxos(['--snapshot-every', String(every)], async (cluster) => {
      const port = cluster.clientPorts[cluster.leader] ?? 0;
      const each = KEYS / FILLERS;
      await Promise.all(Array.from({ length: FILLERS }, (_, id) => fill(port, id * each, each)));
      const filling = await Promise.all(cluster.clientPorts.map(stateOf));
      const load = await loadOf(cluster, [port], SNAPSHOT_CLIENTS, SNAPSHOT_MS, (id, n) => ({ f: 'write', key: `key${(id * 7919 + n * 104729) % KEYS}`, value: 'v'.repeat(20) }));
      const states = await Promise.all(cluster.clientPorts.map(stateOf));
      const taken = (states[cluster.leader]?.counters.snapshotsTaken ?? 0) - (filling[cluster.leader]?.counters.snapshotsTaken ?? 0);
      const stop = (of: typeof states): string => String(Math.max(...of.map(({ longestStopMs }) => longestStopMs)));
      print([(every === 0 ? 'none' : String(every)).padEnd(16), String(taken).padStart(21), load.perSecond.toFixed(0).padStart(10), quantileText(load, 0.5).padStart(8), quantileText(load, 0.99).padStart(8), (load.latencies.at(-1) ?? NaN).toFixed(0).padStart(8), stop(states).padStart(27), stop(filling).padStart(19)].join(' '));
    });
  }
}

async function fill(port: number, from: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let key = from; key < from + count; key++) await call(port, 'POST', '/op', JSON.stringify({ f: 'write', key: `key${key}`, value: 'v'.repeat(20) }), agent);
  agent.destroy();
}

async function stateOf(port: number): Promise<{ readonly longestStopMs: number; readonly counters: { readonly snapshotsTaken: number } }> {
  return JSON.parse(await call(port, 'GET', '/status')) as Awaited<ReturnType<typeof stateOf>>;
}

function cpuCells(cpu: readonly number[], leader: number): readonly string[] {
  return [`${cpu[leader]} %`.padStart(12), `${Math.max(...cpu.filter((_, i) => i !== leader))} %`.padStart(14)];
}
