import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FaultlineError, type ProvisionRequest, type UnexpectedExit } from '../../src/index.js';
import { findFaketime, NodeClock } from './clock.js';
import { LocalCluster } from './cluster.js';
import { CONTROLLER_VARIABLE, formatName, NODE_VARIABLE, noteResource, RUN_VARIABLE, selfName } from './ledger.js';
import { LocalNet } from './net.js';
import { LocalNode } from './node.js';
import { allocatePorts } from './ports.js';
import { tracerSupport } from './tracer.js';

/** What a program gets of the controller's environment; all else is the run's own. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH'] as const;

/**
 * Makes folders, ports and ways for the nodes; no program runs yet. Throws FaultlineError `port-in-use`, `no-free-port`,
 * `relay-listen`, `ledger` or `unsupported-platform`, with nothing left behind but empty folders.
 */
export async function provisionLocal(request: ProvisionRequest): Promise<LocalCluster> {
  if (process.platform === 'win32') throw new FaultlineError('unsupported-platform', 'the local cluster needs process groups and signals, which Windows does not have', { hint: 'Run in WSL.', kind: 'usage' });
  request.signal.throwIfAborted();
  const names = Array.from({ length: request.nodeCount }, (_, i) => `n${i + 1}`);
  const ports = await assignPorts(names, request);
  const net = new LocalNet(names, request.clock, request.random.fork('links'));
  const exits: UnexpectedExit[] = [];
  const controller = selfName();
  const library = request.needs.includes('clock') ? findFaketime() : undefined;
  const nodes = names.map(
    (name, index) =>
      new LocalNode({
        name,
        index,
        runId: request.runId,
        runDir: request.runDir,
        ports: ports.get(name) ?? new Map(),
        way: (to, port) => net.way(name, to, port),
        environment: inheritedEnvironment(),
        marks: { [RUN_VARIABLE]: request.runId, [NODE_VARIABLE]: name, [CONTROLLER_VARIABLE]: formatName(controller) },
        clock: request.clock,
        ...(library === undefined ? {} : { wallClock: new NodeClock(join(resolve(request.runDir), 'nodes', name, 'clock', 'rc'), library, request.clock) }),
        onUnexpectedExit: (exit) => exits.push(exit),
      }),
  );
  const cluster = new LocalCluster(nodes, net, exits, request.needs.includes('slow-disk') && tracerSupport().ok);
  try {
    await mkdir(request.runDir, { recursive: true });
    noteResource(request.runDir, { kind: 'controller', runId: request.runId, ...controller });
    await Promise.all(nodes.map((node) => node.prepare()));
    await openWays(nodes, net, request.peerPorts);
    request.signal.throwIfAborted();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

async function assignPorts(names: readonly string[], request: ProvisionRequest): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const wishes = names.flatMap((name) => request.ports.map((port) => ({ name, port, use: `${port} port of ${name}` })));
  // Another run with the same seed may be under way: the run's id makes its draws different.
  const numbers = await allocatePorts(wishes, request.basePort, request.random.fork(`ports of ${request.runId}`));
  return new Map(names.map((name) => [name, new Map(wishes.flatMap((wish, i) => (wish.name === name ? [[wish.port, numbers[i] ?? 0]] : [])))]));
}

async function openWays(nodes: readonly LocalNode[], net: LocalNet, peerPorts: readonly string[]): Promise<void> {
  for (const from of nodes) {
    for (const to of nodes) {
      if (from === to) continue;
      for (const port of peerPorts) await net.open(from.name, to.name, port, to.listen(port));
    }
  }
}

function inheritedEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
