import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../systems/paxos/server/main.js', import.meta.url));
const NODES = 3;
const MEASURE_MS = 2500;
const WARM_UP_MS = 500;
const CLIENTS = [1, 16, 64, 256] as const;

interface Cluster {
  readonly processes: readonly ChildProcess[];
  readonly clientPorts: readonly number[];
}

/** Writes a second of the bundled service with three real nodes on loopback, with and without fsync, and where the leader's time goes. */
export async function benchPaxos(print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Promise<void> {
  print(`Paxos: ${NODES} nodes on loopback, a write of 10 bytes each, clients at the leader over HTTP, ${MEASURE_MS / 1000} s a row`);
  print('disk        clients   writes/s   p50 ms   p99 ms   writes/fsync   leader CPU   follower CPU');
  const rates = new Map<string, number>();
  for (const [name, flags] of [['fsync', []], ['no fsync', ['--no-sync']]] as const) {
    const data = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
    const cluster = await start(data, flags);
    try {
      const leader = await leaderOf(cluster);
      for (const clients of CLIENTS) rates.set(`${name} ${clients}`, await row(name, clients, leader, cluster, print));
    } finally {
      for (const child of cluster.processes) child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    }
  }
  for (const clients of CLIENTS) {
    print(`durable writes reach ${((100 * (rates.get(`fsync ${clients}`) ?? 0)) / (rates.get(`no fsync ${clients}`) ?? 1)).toFixed(0)} % of those without fsync at ${clients} clients`);
  }
  print('clients and all nodes share the machine: CPU shares are of one core');
}

async function row(name: string, clients: number, leader: number, { processes, clientPorts }: Cluster, print: (line: string) => void): Promise<number> {
  const port = clientPorts[leader] ?? 0;
  await load(port, clients, WARM_UP_MS);
  const cpu = (): number[] => processes.map(({ pid }) => cpuMs(pid ?? 0));
  const [fsyncsBefore, cpuBefore, startedMs] = [await fsyncs(port), cpu(), performance.now()];
  const latencies = await load(port, clients, MEASURE_MS);
  const wallMs = performance.now() - startedMs;
  const share = cpu().map((ms, i) => Math.round((100 * (ms - (cpuBefore[i] ?? 0))) / wallMs));
  const used = (await fsyncs(port)) - fsyncsBefore;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): string => (latencies[Math.floor(q * latencies.length)] ?? NaN).toFixed(2);
  const rate = latencies.length / (wallMs / 1000);
  const followers = share.filter((_, i) => i !== leader);
  const cells = [name.padEnd(10), String(clients).padStart(8), rate.toFixed(0).padStart(10), quantile(0.5).padStart(8), quantile(0.99).padStart(8), (used === 0 ? '-' : (latencies.length / used).toFixed(1)).padStart(14), `${share[leader]} %`.padStart(12), `${Math.max(...followers)} %`.padStart(14)];
  print(cells.join(' '));
  return rate;
}

/** Each client writes again as soon as it has its answer. Gives the latencies, milliseconds. */
async function load(port: number, clients: number, ms: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  const end = performance.now() + ms;
  const client = async (id: number): Promise<void> => {
    for (let n = 0; performance.now() < end; n++) {
      const started = performance.now();
      await call(port, 'POST', '/op', JSON.stringify({ f: 'write', key: `k${id}`, value: `v${String(n).padStart(9, '0')}` }), agent);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, id) => client(id)));
  agent.destroy();
  return latencies;
}

async function start(data: string, flags: readonly string[]): Promise<Cluster> {
  const ports = await freePorts(2 * NODES);
  const clientPorts = ports.slice(0, NODES);
  const address = (port: number | undefined): string => `127.0.0.1:${port}`;
  const processes = clientPorts.map((client, i) => {
    const peers = clientPorts.flatMap((_, j) => (j === i ? [] : [`${j + 1}=${address(ports[NODES + j])}`])).join(',');
    const argv = [SERVER, '--id', String(i + 1), '--client', address(client), '--peer', address(ports[NODES + i]), '--peers', peers, '--data', join(data, `n${i + 1}`), '--log-level', 'error', '--exit-with-stdin', ...flags];
    execFileSync(process.execPath, [SERVER, 'init', '--id', String(i + 1), '--data', join(data, `n${i + 1}`)]);
    return spawn(process.execPath, argv, { stdio: ['pipe', 'ignore', 'inherit'] });
  });
  return { processes, clientPorts };
}

async function leaderOf({ clientPorts }: Cluster): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    for (const [i, port] of clientPorts.entries()) {
      const status = await call(port, 'GET', '/status').catch(() => '{}');
      if ((JSON.parse(status) as { established?: boolean }).established === true) return i;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no node leads within 10 s');
}

async function fsyncs(port: number): Promise<number> {
  return (JSON.parse(await call(port, 'GET', '/status')) as { counters: { walFsyncs: number } }).counters.walFsyncs;
}

function call(port: number, method: string, path: string, body?: string, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request({ host: '127.0.0.1', port, method, path, headers, ...(agent === undefined ? {} : { agent }) }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** CPU time of a process so far, milliseconds (proc(5): utime and stime in clock ticks of 10 ms). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
