import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Random, realClock, waitUntil, type Capability, type Cluster, type FaultEnd, type FaultValue, type LinkStats, type Nemesis, type Node, type Run, type RunningNemesis, type System } from '../../src/index.js';
import { localProvider } from '../../clusters/local/index.js';

const GOSSIP = fileURLToPath(new URL('gossip.mjs', import.meta.url));

let runs = 0;

/** A real local cluster of chatting nodes, and what the tests change about their system. */
export class TestRun implements AsyncDisposable {
  /** What the system says when it is asked who leads. */
  primaries: () => Promise<readonly string[]> = async () => [];
  readonly run: Run;
  readonly #folder: string;

  private constructor(folder: string, cluster: Cluster, runId: string) {
    this.#folder = folder;
    this.run = {
      id: runId,
      seed: 1,
      random: Random.fromSeed(1),
      clock: realClock(),
      cluster,
      system: gossipSystem(() => this.primaries()),
      concurrency: 1,
      nemeses: [],
      needs: [],
      timeMs: 30_000,
      rate: 1,
      damage: 'minority',
      systemOptions: {},
      log: () => undefined,
    };
  }

  /** Starts the nodes and waits until every link carries bytes. */
  static async start(nodeCount: number, needs: readonly Capability[] = []): Promise<TestRun> {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-nemeses-'));
    const runId = `nemeses-${process.pid}-${++runs}`;
    const cluster = await localProvider.provision({
      runId,
      nodeCount,
      ports: ['peer'],
      peerPorts: ['peer'],
      runDir: folder,
      clock: realClock(),
      random: Random.fromSeed(runId),
      needs,
      log: () => undefined,
      signal: new AbortController().signal,
    });
    const test = new TestRun(folder, cluster, runId);
    for (const node of cluster.nodes) await test.run.system.start(node, test.run);
    await test.eventually('gossip on every link', async () => (await cluster.net.stats()).every((link) => link.deliveredBytes > 0));
    return test;
  }

  node(name: string): Node {
    const node = this.run.cluster.nodes.find((other) => other.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  async states(): Promise<readonly string[]> {
    return Promise.all(this.run.cluster.nodes.map((node) => node.state()));
  }

  async eventually(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
    await waitUntil(what, condition, { clock: this.run.clock, timeoutMs: 5000, intervalMs: 5 });
  }

  /** Waits until something has run into every link that is cut now. */
  async bitten(): Promise<void> {
    const before = new Map((await this.run.cluster.net.stats()).map((link) => [`${link.from}>${link.to}`, link.stalledChunks + link.resets]));
    const met = (link: LinkStats): boolean => link.stalledChunks + link.resets > (before.get(`${link.from}>${link.to}`) ?? 0);
    await this.eventually('something on every cut link', async () => (await this.run.cluster.net.stats()).every((link) => !link.cut || met(link)));
  }

  /** Waits until every link between the named pairs has delivered more than now. */
  async carried(pairs: readonly string[]): Promise<void> {
    const before = await this.delivered();
    const grown = async (): Promise<boolean> => {
      const now = await this.delivered();
      return pairs.every((pair) => (now.get(pair) ?? 0) > (before.get(pair) ?? 0));
    };
    await this.eventually('bytes on whole links', grown);
  }

  /** Bytes delivered so far by link: `n1n2` is from n1 to n2. */
  async delivered(): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.run.cluster.net.stats()).map((link) => [`${link.from}${link.to}`, link.deliveredBytes]));
  }

  /** Gives what was under way when everything stopped the time to arrive. */
  async quiet(): Promise<void> {
    await this.run.clock.sleep(80);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run.cluster[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function gossipSystem(primaries: () => Promise<readonly string[]>): System {
  return {
    name: 'gossip',
    description: 'Nodes that chat.',
    ports: ['peer'],
    peerPorts: ['peer'],
    options: z.object({}),
    workloads: [],
    start: (node, run) =>
      node.start({
        argv: [process.execPath, GOSSIP, ...run.cluster.nodes.map((peer) => String(node.peer(peer.name, 'peer').port)).sort((a, b) => Number(b === ownPort(node)) - Number(a === ownPort(node)))],
        logFile: 'node.log',
      }),
    ready: (node, run, signal) => waitUntil(`${node.name} listens`, () => listens(node), { clock: run.clock, timeoutMs: 5000, intervalMs: 10, signal }).then(() => undefined),
    primaries,
    client: { open: () => Promise.reject(new Error('no clients')) },
  };
}

function ownPort(node: Node): string {
  return String(node.listen('peer').port);
}

async function listens(node: Node): Promise<boolean> {
  const { host, port } = node.listen('peer');
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** A nemesis at work, with its operations as functions. */
export class AtWork {
  readonly running: RunningNemesis;

  constructor(nemesis: Nemesis, run: Run) {
    this.running = nemesis.create(run);
  }

  async start(value: unknown): Promise<FaultValue> {
    return this.running.invoke({ f: 'start', value }, AbortSignal.timeout(10_000));
  }

  async stop(): Promise<FaultEnd> {
    return asEnd(await this.running.invoke({ f: 'stop', value: null }, AbortSignal.timeout(10_000)));
  }

  async heal(): Promise<readonly FaultEnd[]> {
    return this.running.heal(AbortSignal.timeout(10_000));
  }
}

function asEnd(value: FaultValue | FaultEnd): FaultEnd {
  if (!('effect' in value && 'healed' in value)) throw new Error(`not the end of a fault: ${JSON.stringify(value)}`);
  return value as FaultEnd;
}
