import { FaultlineError, type Capability, type HostFact, type HostReport, type Support } from '../../src/index.js';
import { connectEngine, type Engine } from './engine/connect.js';
import { ensureImage, findImage } from './image/ensure.js';
import type { LinkMeans } from './means.js';
import { probeKernel, type KernelProbe } from './probe-kernel.js';

/** What a node and its holder may need at least, bytes; with a reserve for the engine. */
const BYTES_PER_NODE = 160 * 2 ** 20;
const RESERVE_BYTES = 256 * 2 ** 20;

/** A report of an engine, and how it would put a link's faults into force. */
export interface EngineReport extends HostReport {
  readonly means: LinkMeans;
}

/** What the engine that DOCKER_HOST names can do. Without the node image the kernel's abilities cannot be tried; `prepare` has it built. */
export async function examineDocker(options: { readonly nodeCount: number; readonly prepare?: (progress: string) => void; readonly signal: AbortSignal }): Promise<HostReport> {
  const engine = await connectEngine(process.env);
  requireMemory(engine, options.nodeCount);
  if (options.prepare !== undefined) {
    const { tag } = await ensureImage({ engine, mode: 'auto', log: options.prepare, signal: options.signal });
    return reportOf(engine, tag, options.signal);
  }
  const tag = await findImage(engine);
  return tag === undefined ? withoutImage(engine) : reportOf(engine, tag, options.signal);
}

/** Throws FaultlineError `engine-memory` if the engine's machine is too small for so many nodes. */
export function requireMemory({ facts, describe }: Engine, nodeCount: number): void {
  const needed = RESERVE_BYTES + nodeCount * BYTES_PER_NODE;
  if (facts.memoryBytes >= needed) return;
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  throw new FaultlineError('engine-memory', `the engine at ${describe} has ${mib(facts.memoryBytes)} MiB of memory; ${nodeCount} nodes need about ${mib(needed)} MiB`, {
    kind: 'usage',
    hint: `Take fewer --nodes (${Math.max(0, Math.floor((facts.memoryBytes - RESERVE_BYTES) / BYTES_PER_NODE))} fit), or give the engine (Docker Desktop: Settings, Resources) more memory.`,
  });
}

/** Tries what the engine's kernel lets a holder do. */
export async function reportOf(engine: Engine, image: string, signal: AbortSignal): Promise<EngineReport> {
  const kernel = await probeKernel(engine.docker, image, signal);
  return { provider: 'docker', facts: [...engineFacts(engine), { what: 'node image', ok: true, detail: image }], capabilities: capabilitiesOf(kernel), means: kernel };
}

function withoutImage(engine: Engine): HostReport {
  const unknown: Support = { ok: false, why: 'not tried, as the node image is not built', remedy: 'faultline image build' };
  const tried: readonly Capability[] = ['links', 'link-delay', 'link-bandwidth', 'link-loss', 'link-duplicate', 'link-reorder', 'clock', 'slow-disk'];
  return {
    provider: 'docker',
    facts: [...engineFacts(engine), { what: 'node image', ok: false, detail: 'not built', remedy: 'faultline image build; where no registry answers: faultline image build --offline. faultline test builds it too.' }],
    capabilities: new Map([...ALWAYS, ...tried.map((capability) => [capability, unknown] as const)]),
  };
}

function engineFacts({ describe, facts }: Engine): readonly HostFact[] {
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  return [
    { what: 'engine', ok: true, detail: `${describe}, version ${facts.version}, API ${facts.apiVersion}` },
    { what: 'machine', ok: true, detail: `${facts.system}, kernel ${facts.kernel}, ${facts.architecture}, cgroup v${facts.cgroupVersion}` },
    { what: 'memory', ok: true, detail: `${gib(facts.memoryBytes)} GiB, ${facts.cpus} processors` },
  ];
}

/** What every engine can. */
const ALWAYS: readonly (readonly [Capability, Support])[] = [
  ['kill', { ok: true, by: 'the engine (SIGKILL)' }],
  ['terminate', { ok: true, by: 'the engine (SIGTERM)' }],
  ['pause', { ok: true, by: 'the engine (cgroup freezer)' }],
  ['out-of-memory', { ok: true, by: 'the container\'s memory limit' }],
  ['disk-damage', { ok: true, by: 'the agent in the holder, on the data volume' }],
  ['full-disk', { ok: true, by: 'a ballast file on the data volume, which is small' }],
];

function capabilitiesOf(kernel: KernelProbe): ReadonlyMap<Capability, Support> {
  return new Map<Capability, Support>([...linkCapabilities(kernel), ...ALWAYS, ['clock', kernel.faketime], ['slow-disk', kernel.strace]]);
}

/** What can be done to links by these means. */
export function linkCapabilities({ nft, packets, duplicate }: LinkMeans): readonly (readonly [Capability, Support])[] {
  return [
    ['links', nft],
    ['link-delay', packets],
    ['link-bandwidth', packets],
    ['link-loss', packets],
    ['link-duplicate', duplicate],
    ['link-reorder', packets],
  ];
}
