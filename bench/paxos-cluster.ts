import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../systems/paxos/server/main.js', import.meta.url));
const NODES = 3;

/** Three nodes on loopback, with their disks in a temporary folder. */
export interface BenchCluster {
  readonly processes: readonly ChildProcess[];
  readonly clientPorts: readonly number[];
  /** Index of the node that leads. */
  readonly leader: number;
}

/** What a load of requests took. */
export interface Load {
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
  readonly perSecond: number;
  /** CPU of each node, percent of one core. */
  readonly cpu: readonly number[];
}

/** Runs something on a fresh cluster, which is gone afterwards. */
export async function withPaxos<T>(flags: readonly string[], work: (cluster: BenchCluster) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const { processes, clientPorts } = await start(data, flags);
  try {
    return await work({ processes, clientPorts, leader: await leaderOf(clientPorts) });
  } finally {
    for (const child of processes) child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

/** Each client asks again as soon as it has its answer, for so long; clients are spread over the ports. `bodyOf` makes the n-th request of a client, for POST to `path`. */
export async function loadOf({ processes }: BenchCluster, ports: readonly number[], clients: number, ms: number, bodyOf: (client: number, n: number) => object, path = '/op'): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  const cpuNow = (): number[] => processes.map(({ pid }) => cpuMs(pid ?? 0));
  const [before, startedMs] = [cpuNow(), performance.now()];
  const client = async (id: number): Promise<void> => {
    const port = ports[id % ports.length] ?? 0;
    for (let n = 0; performance.now() < startedMs + ms; n++) {
      const asked = performance.now();
      await call(port, 'POST', path, JSON.stringify(bodyOf(id, n)), agent);
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, id) => client(id)));
  agent.destroy();
  const wallMs = performance.now() - startedMs;
  return { latencies: latencies.sort((a, b) => a - b), perSecond: latencies.length / (wallMs / 1000), cpu: cpuNow().map((now, i) => Math.round((100 * (now - (before[i] ?? 0))) / wallMs)) };
}

/** A quantile in milliseconds, as text. */
export function quantileText({ latencies }: Load, q: number): string {
  return (latencies[Math.floor(q * latencies.length)] ?? NaN).toFixed(2);
}

/** How many fsyncs a node has made. */
export async function fsyncsOf(port: number): Promise<number> {
  return (JSON.parse(await call(port, 'GET', '/status')) as { counters: { walFsyncs: number } }).counters.walFsyncs;
}

async function start(data: string, flags: readonly string[]): Promise<Omit<BenchCluster, 'leader'>> {
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

async function leaderOf(clientPorts: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    for (const [i, port] of clientPorts.entries()) {
      const status = await call(port, 'GET', '/status').catch(() => '{}');
      if ((JSON.parse(status) as { established?: boolean }).established === true) return i;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no node leads within 10 s');
}

/** One request over HTTP; rejects with the body of an answer that is not 200. */
export function call(port: number, method: string, path: string, body?: string, agent?: Agent): Promise<string> {
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

/** Ports that nobody listens on now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
