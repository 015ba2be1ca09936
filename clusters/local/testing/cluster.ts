import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random, realClock, type Capability, type Cluster, type Node } from '../../../src/index.js';
import { localProvider } from '../index.js';
import { dial, eventually } from './sockets.js';

/** The program that the tests' nodes run; its modes stand at its head. */
export const PROGRAM = fileURLToPath(new URL('program.mjs', import.meta.url));

/** A folder of its own, removed at the end. */
export class Folder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'faultline-local-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

let runs = 0;

/** An id that no other run of this machine has. */
export function freshRunId(): string {
  return `test-${process.pid}-${++runs}`;
}

export async function provisionTest(runDir: string, nodeCount: number, more: { readonly basePort?: number; readonly runId?: string; readonly needs?: readonly Capability[] } = {}): Promise<Cluster> {
  const runId = more.runId ?? freshRunId();
  return localProvider.provision({
    nodeCount,
    ports: ['client', 'peer'],
    peerPorts: ['peer'],
    runDir,
    clock: realClock(),
    random: Random.fromSeed(runId),
    needs: [],
    log: () => undefined,
    signal: new AbortController().signal,
    ...more,
    runId,
  });
}

export function nodeAt(cluster: Cluster, i: number): Node {
  const node = cluster.nodes[i];
  if (node === undefined) throw new Error(`no node ${i}`);
  return node;
}

/** Starts the test program in one of its modes and, if it serves, waits until it does. */
export async function startProgram(node: Node, mode: 'serve' | 'family' | 'deaf' | 'sync', extra: Readonly<Record<string, string>> = {}): Promise<void> {
  await node.start({ argv: [process.execPath, PROGRAM, mode, String(node.listen('peer').port)], env: extra, logFile: 'node.log' });
  await answers(node);
}

/** Waits until the node's program answers. */
export async function answers(node: Node): Promise<void> {
  await eventually(`${node.name} answers`, () => asks(node));
}

async function asks(node: Node): Promise<boolean> {
  const peer = await dial(node.listen('peer'));
  peer.socket.write('ping');
  const answered = await eventually('an answer or an error', () => peer.text === 'pong' || peer.error !== undefined).catch(() => false);
  peer.socket.destroy();
  return answered && peer.text === 'pong';
}

export async function logOf(node: Node): Promise<string> {
  return readFile(join(node.logDir, 'node.log'), 'utf8');
}

/** The process id of the child of a program in mode `family`, once it has one. */
export async function childPid(node: Node): Promise<number> {
  return eventually(`the child of ${node.name}`, async () => Number(/child (\d+)/.exec(await logOf(node))?.[1] ?? 0) || undefined);
}
