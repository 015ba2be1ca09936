import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { FaultlineError, messageOf, type ProvisionRequest, type UnexpectedExit } from '../../src/index.js';
import { faketimeEnvironment } from '../shared/faketime.js';
import { sweepRun } from './clean.js';
import { DockerCluster, undoAll, type Undo } from './cluster.js';
import { withDeadline } from './deadline.js';
import { connectEngine } from './engine/connect.js';
import { linkCapabilities, reportOf, requireMemory } from './examine.js';
import { Holder, VOLUME_DIR } from './holder.js';
import { ensureImage } from './image/ensure.js';
import { lookInto, requireGlibc } from './image/foreign.js';
import { imageId } from './image/request.js';
import { meansFound, meansOf, needsLinks } from './means.js';
import { DockerNet } from './net.js';
import { directEndpoints, publishedEndpoints, publishedPorts } from './network/ports.js';
import { createNetwork, type RunNetwork } from './network/network.js';
import { isReachable } from './network/reachable.js';
import { A_PROGRAM, DockerNode } from './node.js';
import { unpack } from './program/archive.js';
import { execIn } from './program/exec.js';

/** The first port of a node inside its container; all nodes have the same. */
const FIRST_PORT = 7001;
const FAKETIME_LIBRARY = `${VOLUME_DIR}/clock/libfaketime.so.1`;
const FAKETIME_FILE = `${VOLUME_DIR}/clock/rc`;
/** Copying the data of one node may take so long. */
const COLLECT_MS = 60_000;
const VOLUME_BYTES = 256 * 2 ** 20;
/** Memory limit of a program, where one is needed to run into. */
const PROGRAM_BYTES = 768 * 2 ** 20;

/**
 * Makes network, volumes and holders for the nodes; no program runs yet. Throws FaultlineError (`engine-down`, `engine-old`, `engine-memory`, `no-image`, `image-libc`,
 * `no-subnet`, `port-in-use`, `holder-start` ...), with nothing left behind.
 */
export async function provisionDocker(request: ProvisionRequest): Promise<DockerCluster> {
  const { runId, nodeCount, signal, log, clock } = request;
  const engine = await connectEngine(process.env);
  const { docker } = engine;
  requireMemory(engine, nodeCount);
  const own = await ensureImage({ engine, mode: 'auto', log, signal });
  if (request.image !== undefined) await requireImage(docker, request.image);
  const imageFacts = request.image === undefined ? { musl: false, programs: true } : await lookInto(docker, { image: request.image, runId, program: A_PROGRAM });
  if (request.image !== undefined && request.needs.includes('clock')) requireGlibc(request.image, imageFacts);
  signal.throwIfAborted();
  const report = await reportOf(engine, own.tag, signal);
  const names = Array.from({ length: nodeCount }, (_, i) => `n${i + 1}`);
  const ports = new Map(request.ports.map((port, i) => [port, FIRST_PORT + i]));
  const undo: [Undo[], Undo[], Undo[], Undo[]] = [[], [], [], []];
  const lost = new AbortController();
  try {
    undo[3].push({ what: 'the rest', undo: () => sweepRun(docker, runId) });
    const network = await createNetwork(docker, { runId, random: request.random.fork(`network of ${runId}`), local: engine.host === undefined });
    signal.throwIfAborted();
    const holders = await startHolders(request, names, ports, network, { docker, image: own.tag, host: engine.host, onLost: (error) => lost.abort(error) }, undo[2]);
    signal.throwIfAborted();
    const facts = await Promise.all(holders.map((holder) => holder.facts(network)));
    const peers = names.map((name, i) => ({ name, address: network.address(i), mac: facts[i]?.mac ?? '' }));
    const peerPorts = request.peerPorts.flatMap((port) => ports.get(port) ?? []);
    await Promise.all(holders.map(({ agent }) => agent.prepare()));
    const linked = needsLinks(request.needs) ? holders : [];
    const trials = await Promise.all(linked.map(async ({ agent }, i) => [names[i] ?? '', await agent.setup({ peers: peers.filter((_, j) => j !== i), peerPorts })] as const));
    const means = meansFound(report.means, new Map(trials), request.needs);
    const direct = engine.host === undefined && request.basePort === undefined && (await isReachable({ host: network.address(0), port: FIRST_PORT }));
    const exits: UnexpectedExit[] = [];
    const nodes = names.map((name, index) => {
      const published = facts[index]?.published ?? new Map<number, number>();
      const endpoints = direct ? directEndpoints(network.address(index), ports) : publishedEndpoints(engine.host ?? '127.0.0.1', ports, published);
      return new DockerNode(name, index, {
        docker,
        runId,
        runDir: request.runDir,
        image: request.image ?? own.tag,
        imageFacts,
        ownImage: own.tag,
        holder: holderAt(holders, index),
        ports,
        endpoints,
        addresses: new Map(peers.map((peer) => [peer.name, peer.address])),
        environment: request.needs.includes('clock') ? faketimeEnvironment(FAKETIME_LIBRARY, FAKETIME_FILE) : {},
        memoryBytes: request.needs.includes('out-of-memory') ? PROGRAM_BYTES : undefined,
        clock,
        onUnexpectedExit: (exit) => exits.push(exit),
        lost: lost.signal,
        log,
      });
    });
    undo[0].push(...nodes.map((node) => ({ what: node.name, undo: () => node[Symbol.asyncDispose]() })));
    undo[1].push(...nodes.map((node, i) => ({ what: `the data of ${node.name}`, undo: () => collectData(docker.getContainer(holderAt(holders, i).id), join(request.runDir, 'nodes', node.name, 'data'), log) })));
    await Promise.all(nodes.map((node) => mkdir(node.logDir, { recursive: true })));
    if (request.needs.includes('clock')) await Promise.all(holders.map((holder) => prepareClock(docker.getContainer(holder.id))));
    const net = new DockerNet(nodes.map((node, i) => ({ name: node.name, address: network.address(i), agent: holderAt(holders, i).agent })), clock, (states) => meansOf(means, states));
    return new DockerCluster(nodes, net, new Map([...report.capabilities, ...linkCapabilities(means)]), exits, undo, lost.signal);
  } catch (error) {
    await undoAll(undo).catch((failure: unknown) => log(`not everything could be removed: ${messageOf(failure)} (faultline clean tries again)`));
    throw error;
  }
}

/** Images of others are not fetched unasked: which one is tested should be no surprise. */
async function requireImage(docker: Docker, name: string): Promise<void> {
  if ((await imageId(docker, name)) !== undefined) return;
  throw new FaultlineError('no-image', `the engine has no image "${name}"`, { kind: 'usage', hint: `Fetch or build it there first: docker pull ${name}.` });
}

async function startHolders(
  request: ProvisionRequest,
  names: readonly string[],
  ports: ReadonlyMap<string, number>,
  network: RunNetwork,
  { docker, image, host, onLost }: { readonly docker: Docker; readonly image: string; readonly host: string | undefined; readonly onLost: (error: FaultlineError) => void },
  undo: Undo[],
): Promise<readonly Holder[]> {
  const { runId, basePort, peerPorts, log } = request;
  const starts = names.map((name, index) => {
    const publish = publishedPorts({ ports, peerPorts, index, host, ...(basePort === undefined ? {} : { basePort }) });
    return Holder.start({ docker, runId, name, index, image, network, nodes: names, publish, links: needsLinks(request.needs), volumeBytes: VOLUME_BYTES, log, onLost });
  });
  const ends = await Promise.allSettled(starts);
  const holders = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  undo.push(...holders.map((holder) => ({ what: 'a holder', undo: () => holder[Symbol.asyncDispose]() })));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return holders;
}

/** Puts libfaketime where the program's container finds it, whatever its image. */
async function prepareClock(holder: Docker.Container): Promise<void> {
  const argv = ['sh', '-c', `cp /usr/lib/*/faketime/libfaketimeMT.so.1 ${FAKETIME_LIBRARY} && chmod 755 ${FAKETIME_LIBRARY}`] as const;
  const { exitCode, stderr } = await execIn(holder, { argv: [...argv] as [string, ...string[]], timeoutMs: 10_000 });
  if (exitCode !== 0) throw new FaultlineError('no-clock', `libfaketime cannot be put into a node's volume: ${stderr.trim()}`, { hint: 'faultline image build --force makes the image anew.' });
}

function holderAt(holders: readonly Holder[], index: number): Holder {
  const holder = holders[index];
  if (holder === undefined) throw new FaultlineError('no-nodes', `there is no node ${index + 1}`);
  return holder;
}

/** Copies the data folder into the run's folder, for whoever wants to know what a node had on its disk. */
async function collectData(container: Docker.Container, target: string, log: (message: string) => void): Promise<void> {
  try {
    await withDeadline('copying', container.getArchive({ path: `${VOLUME_DIR}/data` }).then((archive) => unpack(archive, target)), COLLECT_MS);
  } catch (error) {
    log(`the data of ${container.id.slice(0, 12)} could not be collected: ${messageOf(error)}`);
  }
}
