import type Docker from 'dockerode';
import { FaultlineError, messageOf, waitUntil, type Clock, type Disk, type DiskFault, type DiskFile } from '../../src/index.js';
import type { AgentClient } from './agent/client.js';
import { ignoringGone, reasonOf, withDeadline } from './deadline.js';
import { labelsOf } from './labels.js';
import { demultiplexed } from './program/container.js';

const ATTACH_MS = 5000;
const SYNCS = 'fsync,fdatasync';

export interface AgentDiskSpec {
  readonly docker: Docker;
  readonly runId: string;
  readonly node: string;
  /** The image that has strace. */
  readonly image: string;
  readonly agent: AgentClient;
  readonly clock: Clock;
  /** The container of the node's program, if it has one. */
  readonly program: () => string | undefined;
}

/** A node's data volume, reached by the agent in its holder; slow and failing fsync by strace in a container that joins the program's process namespace. */
export class AgentDisk implements Disk {
  readonly #spec: AgentDiskSpec;

  constructor(spec: AgentDiskSpec) {
    this.#spec = spec;
  }

  async list(): Promise<readonly DiskFile[]> {
    return this.#spec.agent.list();
  }

  async read(path: string): Promise<Buffer> {
    return this.#spec.agent.read(path);
  }

  async patch(path: string, at: number, bytes: Buffer): Promise<void> {
    await this.#spec.agent.patch(path, at, bytes);
  }

  async truncate(path: string, length: number): Promise<void> {
    await this.#spec.agent.truncate(path, length);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#spec.agent.rename(from, to);
  }

  async replace(from: string, to: string, keep: readonly string[]): Promise<void> {
    await this.#spec.agent.replace(from, to, keep);
  }

  async fill(): Promise<DiskFault> {
    const { agent } = this.#spec;
    let filled: string;
    try {
      filled = `${(await agent.fill()).ballastBytes} of ballast`;
    } catch (error) {
      // The answer may be lost and the disk full all the same.
      if (await agent.free().then(() => true, () => false)) throw error;
      filled = `ballast (how much is not known: ${messageOf(error)})`;
    }
    let end: { readonly observed: boolean; readonly evidence: string } | undefined;
    return {
      by: 'ballast file',
      end: async () => {
        if (end !== undefined) return end;
        const { wasFull } = await agent.free();
        end = { observed: wasFull, evidence: wasFull ? `no byte was free beside ${filled}` : 'there was space again before it ended' };
        return end;
      },
    };
  }

  async slow(delayMs: number): Promise<DiskFault> {
    return this.#trace(`delay_enter=${Math.round(delayMs)}ms`, 'DELAYED', (calls) => `${calls} calls of fsync took ${delayMs} ms longer`);
  }

  async failSync(): Promise<DiskFault> {
    return this.#trace('error=EIO', 'INJECTED', (calls) => `${calls} calls of fsync failed with EIO`);
  }

  async #trace(injection: string, mark: string, words: (calls: number) => string): Promise<DiskFault> {
    const { docker, runId, node, image, clock } = this.#spec;
    const program = this.#spec.program();
    if (program === undefined) throw new FaultlineError('not-running', `${node}: its program does not run`);
    const container = await withDeadline(`${node}: making the tracer`, docker.createContainer({
      Image: image,
      Entrypoint: [],
      Cmd: ['strace', '-f', '-e', `trace=${SYNCS}`, '-e', `inject=${SYNCS}:${injection}`, '-p', '1'],
      Labels: labelsOf(runId, 'exec', node),
      HostConfig: { PidMode: `container:${program}`, NetworkMode: 'none', CapDrop: ['ALL'], CapAdd: ['SYS_PTRACE'], RestartPolicy: { Name: 'no' } },
    }));
    const remove = async (): Promise<void> => ignoringGone(withDeadline(`${node}: removing the tracer`, container.remove({ force: true })));
    const logs = async (): Promise<string> => demultiplexed(await withDeadline('reading the tracer', container.logs({ stdout: true, stderr: true }))).toString('utf8');
    const callsIn = (said: string): number => said.split('\n').filter((line) => line.includes(`(${mark})`)).length;
    try {
      await withDeadline(`${node}: starting the tracer`, container.start());
      await waitUntil(`${node}: the tracer`, async () => /attached/.test(await logs()), { clock, timeoutMs: ATTACH_MS, intervalMs: 30 });
    } catch (cause) {
      const said = await logs().catch(() => '');
      // A program may have ended of its first failed call before anyone looked; and a tracer that stays goes on.
      const gone = callsIn(said) === 0 && (await remove().then(() => true, () => false));
      if (gone) throw new FaultlineError('tracer', `${node}: strace cannot attach: ${said.trim() || reasonOf(cause)}`, { cause });
    }
    let end: { readonly observed: boolean; readonly evidence: string } | undefined;
    return {
      by: 'strace',
      end: async () => {
        if (end !== undefined) return end;
        // SIGINT detaches; where the program is gone the tracer has ended too.
        await withDeadline(`${node}: ending the tracer`, container.kill({ signal: 'SIGINT' }), ATTACH_MS).catch(() => undefined);
        await withDeadline(`${node}: ending the tracer`, container.wait() as Promise<unknown>, ATTACH_MS).catch(() => undefined);
        const calls = callsIn(await logs());
        await remove();
        end = { observed: calls > 0, evidence: words(calls) };
        return end;
      },
    };
  }
}
