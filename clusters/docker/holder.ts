import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { FaultlineError, messageOf } from '../../src/index.js';
import { AgentClient } from './agent/client.js';
import { ignoringGone, reasonOf, statusOf, withDeadline } from './deadline.js';
import { labelsOf } from './labels.js';
import type { RunNetwork } from './network/network.js';
import type { PublishedPorts } from './network/ports.js';

/** Where the data volume is mounted, in the holder and in the program's container. */
export const VOLUME_DIR = '/faultline';
/** The program's data folder, there. */
export const DATA_DIR = `${VOLUME_DIR}/data`;

/** The engine may take so long to say why a holder is gone: the run is to end soon. */
const LOSS_MS = 3000;

export interface HolderRequest {
  readonly docker: Docker;
  readonly runId: string;
  readonly name: string;
  readonly index: number;
  readonly image: string;
  readonly network: RunNetwork;
  /** Names of all nodes, in order. */
  readonly nodes: readonly string[];
  readonly publish: PublishedPorts;
  /** Whether faults of links will be asked for: the agent needs NET_ADMIN then, and only then. */
  readonly links: boolean;
  readonly volumeBytes: number;
  readonly log: (message: string) => void;
  /** Is told when the holder or its agent is gone before the end of the run: FaultlineError `holder-gone`. */
  readonly onLost: (error: FaultlineError) => void;
}

/**
 * The container that owns a node's network namespace and data volume for the whole run, and in it the agent that puts faults into force. The only one that may
 * have NET_ADMIN. It ends with the run; if it ends before, the run is void.
 */
export class Holder implements AsyncDisposable {
  readonly agent: AgentClient;
  readonly mounts: readonly Docker.MountSettings[];
  readonly #container: Docker.Container;
  readonly #volume: Docker.Volume;

  private constructor(container: Docker.Container, volume: Docker.Volume, agent: AgentClient) {
    this.#container = container;
    this.#volume = volume;
    this.agent = agent;
    this.mounts = mountsOf(volume.name);
  }

  get id(): string {
    return this.#container.id;
  }

  /** Makes volume and container, attaches to the agent and starts it. Throws FaultlineError `port-in-use`, `holder-start`. */
  static async start(request: HolderRequest): Promise<Holder> {
    const { docker, runId, name } = request;
    const volume = await makeVolume(request);
    let container: Docker.Container | undefined;
    try {
      container = await withDeadline(`${name}: making the holder`, docker.createContainer(optionsOf(request, volume.name)));
      const stream = await withDeadline(`${name}: attaching to the holder`, container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true }));
      const [output, errors] = [new PassThrough(), new PassThrough()];
      docker.modem.demuxStream(stream, output, errors);
      stream.on('end', () => output.end()).on('close', () => output.end()).on('error', () => output.end());
      errors.on('data', (chunk: Buffer) => request.log(`agent of ${name}: ${chunk.toString('utf8').trimEnd()}`));
      await withDeadline(`${name}: starting the holder`, container.start());
      const held = container;
      const agent = new AgentClient({
        name,
        input: stream,
        output,
        onEvent: (event) => request.log(`agent of ${name}: ${JSON.stringify(event)}`),
        onGone: (cause) => void lossOf(held, name, cause).then(request.onLost),
      });
      return new Holder(container, volume, agent);
    } catch (cause) {
      // What cannot be removed now is swept at the end.
      if (container !== undefined) await ignoringGone(withDeadline('removing the holder', container.remove({ force: true }))).catch(() => undefined);
      await ignoringGone(withDeadline('removing the volume', volume.remove({ force: true }))).catch(() => undefined);
      throw startFailure(runId, name, cause);
    }
  }

  /** Its hardware address on the run's network, and where its published ports are on the engine's host. */
  async facts(network: RunNetwork): Promise<{ readonly mac: string; readonly published: ReadonlyMap<number, number> }> {
    const { NetworkSettings } = await withDeadline('inspecting the holder', this.#container.inspect());
    const published = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([key, bindings]) => {
      const port = Number(bindings?.[0]?.HostPort);
      return Number.isInteger(port) ? [[Number.parseInt(key, 10), port] as const] : [];
    });
    return { mac: NetworkSettings.Networks[network.name]?.MacAddress ?? '', published: new Map(published) };
  }

  /** Empties the data folder. */
  async wipe(): Promise<void> {
    await this.agent.wipe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]();
    await ignoringGone(withDeadline('removing the holder', this.#container.remove({ force: true, v: true })));
    await ignoringGone(withDeadline('removing the volume', this.#volume.remove({ force: true })));
  }
}

function mountsOf(volume: string): readonly Docker.MountSettings[] {
  return [{ Type: 'volume', Source: volume, Target: VOLUME_DIR }];
}

/** A small disk in memory: it can be filled, and both containers of the node see it as long as one of them runs. */
async function makeVolume({ docker, runId, name, volumeBytes }: HolderRequest): Promise<Docker.Volume> {
  const volumeName = `faultline-${runId}-${name}`;
  await withDeadline(`${name}: making the volume`, docker.createVolume({
    Name: volumeName,
    Driver: 'local',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${volumeBytes},mode=1777` },
    Labels: labelsOf(runId, 'volume', name),
  }));
  return docker.getVolume(volumeName);
}

function optionsOf({ runId, name, index, image, network, nodes, publish, links }: HolderRequest, volume: string): Docker.ContainerCreateOptions {
  const exposed = [...publish.ports.keys()].map((port) => `${port}/tcp`);
  return {
    name: `faultline-${runId}-${name}-net`,
    Hostname: name,
    Image: image,
    Entrypoint: [],
    Cmd: ['node', '/opt/faultline/docker-agent.js', JSON.stringify({ runId, self: name })],
    Labels: labelsOf(runId, 'holder', name),
    // The agent's standard input is our lease: the engine closes it when our connection is gone.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: network.name,
      // What puts faults into force goes before what the nodes compute.
      CpuShares: 8192,
      CapDrop: ['ALL'],
      CapAdd: [...(links ? ['NET_ADMIN', 'NET_RAW'] : []), 'DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID'],
      RestartPolicy: { Name: 'no' },
      Mounts: [...mountsOf(volume)],
      ExtraHosts: nodes.map((node, i) => `${node}:${network.address(i)}`),
      PortBindings: Object.fromEntries([...publish.ports].map(([port, hostPort]) => [`${port}/tcp`, [{ HostIp: publish.host, HostPort: hostPort === 0 ? '' : String(hostPort) }]])),
      LogConfig: { Type: 'none', Config: {} },
    },
    NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: network.address(index) } } } },
  };
}

/** Why the agent of a holder is gone, as far as the engine can tell. */
async function lossOf(container: Docker.Container, name: string, cause: FaultlineError): Promise<FaultlineError> {
  const how = await withDeadline('inspecting the holder', container.inspect(), LOSS_MS).then(
    ({ State }) => (State.Running ? `${State.Paused ? 'its holder is paused' : 'its holder runs'}, but ${cause.message}` : `its holder has ended (exit code ${State.ExitCode}${State.OOMKilled ? ', killed by the kernel: out of memory' : ''})`),
    (error: unknown) => (statusOf(error) === 404 ? 'its holder has been removed' : `${cause.message}; and the engine does not say why: ${reasonOf(error)}`),
  );
  return new FaultlineError('holder-gone', `${name}: ${how}. With it went the node's network and the faults on it: the run is void`, { cause, hint: 'Did somebody remove containers, or was the engine stopped or short of memory? Look at its log, and run again.' });
}

function startFailure(runId: string, name: string, cause: unknown): FaultlineError {
  if (cause instanceof FaultlineError) return cause;
  const reason = reasonOf(cause);
  if (/port is already allocated|address already in use/.test(reason)) {
    const port = /:(\d{2,5})[ :]/.exec(reason)?.[1] ?? '';
    return new FaultlineError('port-in-use', `${name}: port ${port} of the engine's host is taken: ${reason}`, { cause, kind: 'usage', hint: 'Give another --base-port, or leave it out to get free ones; faultline clean removes what killed runs left.' });
  }
  return new FaultlineError('holder-start', `${name}: its holder does not start: ${messageOf(cause)}`, { cause, hint: `faultline doctor --cluster docker tells what the engine can do; run ${runId} left nothing.` });
}
