import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AgentClient } from '../client.js';
import type { Incoming, Outgoing, Peer } from '../protocol.js';
import { AGENT_BUNDLE, SYSTEM_PATH } from './obstacle.js';

const exec = promisify(execFile);
const ENV = { PATH: SYSTEM_PATH };
let made = 0;

/** A node: a network namespace, an agent in it, and what the agent told of its own accord. */
export interface TestNode extends Peer {
  readonly agent: AgentClient;
  readonly process: ChildProcessWithoutNullStreams;
  readonly events: Readonly<Record<string, unknown>>[];
  readonly namespace: string;
}

/** Nodes in namespaces of their own around a bridge in one more: the host's own namespace has no part in it. */
export class TestNetwork implements AsyncDisposable {
  readonly nodes: readonly TestNode[];
  readonly #namespaces: readonly string[];
  readonly #root: string;

  private constructor(nodes: readonly TestNode[], namespaces: readonly string[], root: string) {
    this.nodes = nodes;
    this.#namespaces = namespaces;
    this.#root = root;
  }

  /** `config` goes to every agent; `path` is searched for commands before the system's. */
  static async start({ size = 2, config = {}, path = '' }: { readonly size?: number; readonly config?: object; readonly path?: string } = {}): Promise<TestNetwork> {
    const prefix = `fla${process.pid}x${made++}`;
    const root = await mkdtemp(join(tmpdir(), 'faultline-agent-'));
    const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    const namespaces = [`${prefix}hub`, ...names.map((name) => `${prefix}${name}`)];
    const network = new TestNetwork([], namespaces, root);
    try {
      await wire(prefix, names);
      const nodes = names.map((name, i) => startAgent({ name, address: `10.77.0.${i + 1}`, mac: macOf(i), namespace: `${prefix}${name}`, root, config, path }));
      await Promise.all(nodes.map(({ agent }) => agent.prepare()));
      await Promise.all(nodes.map(({ agent, name }) => agent.setup({ peers: nodes.filter((other) => other.name !== name).map(({ name: peer, address, mac }) => ({ name: peer, address, mac })), peerPorts: [7001] })));
      return new TestNetwork(nodes, namespaces, root);
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  node(name: string): TestNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  }

  /** Brings all links into force at all agents: those named as given, the others open. */
  async apply(faults: Readonly<Record<string, Partial<Omit<Incoming, 'from'>>>>): Promise<void> {
    const open = { delayMs: 0, jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };
    await Promise.all(this.nodes.map(({ name, agent }) => {
      const others = this.nodes.filter((other) => other.name !== name).map((other) => other.name);
      const incoming: Incoming[] = others.map((from) => ({ ...open, ...faults[`${from}>${name}`], from }));
      const outgoing: Outgoing[] = others.map((to) => ({ ...open, ...faults[`${name}>${to}`], to }));
      return agent.applyLinks({ incoming, outgoing });
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { agent, process: child } of this.nodes) {
      await agent[Symbol.asyncDispose]();
      child.kill('SIGKILL');
    }
    // What still runs in a namespace of ours was started by these tests.
    for (const namespace of this.#namespaces) {
      const { stdout } = await exec('ip', ['netns', 'pids', namespace], { env: ENV }).catch(() => ({ stdout: '' }));
      for (const pid of stdout.split('\n').filter((line) => line !== '')) tryKill(Number(pid));
      await exec('ip', ['netns', 'del', namespace], { env: ENV }).catch(() => undefined);
    }
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** Runs a command in a node's namespace and gives its output. */
export async function inside(node: TestNode, ...argv: readonly string[]): Promise<string> {
  return (await exec('ip', ['netns', 'exec', node.namespace, ...argv], { env: ENV })).stdout;
}

/** Kills the programs of this name in a node's namespace; gives how many. */
export async function killInside(node: TestNode, program: string): Promise<number> {
  const { stdout } = await exec('ip', ['netns', 'pids', node.namespace], { env: ENV });
  const pids = stdout.split('\n').filter((line) => line !== '' && readFileSync(`/proc/${line}/comm`, 'utf8').trim() === program);
  for (const pid of pids) tryKill(Number(pid));
  return pids.length;
}

async function wire(prefix: string, names: readonly string[]): Promise<void> {
  const hub = `${prefix}hub`;
  const ip = (...args: readonly string[]): Promise<unknown> => exec('ip', [...args], { env: ENV });
  await ip('netns', 'add', hub);
  await ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge');
  await ip('-n', hub, 'link', 'set', 'br0', 'up');
  for (const [i, name] of names.entries()) {
    const own = `${prefix}${name}`;
    await ip('netns', 'add', own);
    await ip('-n', own, 'link', 'add', 'eth0', 'address', macOf(i), 'type', 'veth', 'peer', 'name', `p${i}`, 'netns', hub);
    await ip('-n', own, 'addr', 'add', `10.77.0.${i + 1}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) await ip('-n', own, 'link', 'set', device, 'up');
    await ip('-n', hub, 'link', 'set', `p${i}`, 'master', 'br0', 'up');
  }
}

interface AgentSpec extends Peer {
  readonly namespace: string;
  readonly root: string;
  readonly config: object;
  readonly path: string;
}

function startAgent({ name, address, mac, namespace, root, config, path }: AgentSpec): TestNode {
  const folder = join(root, name);
  // `ip netns exec` gives a mount namespace too: the small disk goes with its last process.
  const script = 'mkdir -p "$1" && mount -t tmpfs -o size=8m tmpfs "$1" && exec "$2" "$3" "$4"';
  const child = spawn('ip', ['netns', 'exec', namespace, 'sh', '-c', script, 'sh', folder, process.execPath, AGENT_BUNDLE, JSON.stringify({ runId: 'test', self: name, root: folder, ...config })], {
    env: { PATH: path === '' ? SYSTEM_PATH : `${path}:${SYSTEM_PATH}` },
    stdio: 'pipe',
  });
  child.stderr.resume();
  const events: Readonly<Record<string, unknown>>[] = [];
  const agent = new AgentClient({ name, input: child.stdin, output: child.stdout, onEvent: (event) => events.push(event) });
  return { name, address, mac, namespace, agent, process: child, events };
}

function macOf(i: number): string {
  return `02:00:00:00:77:0${i + 1}`;
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
