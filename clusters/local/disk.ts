import { cp, mkdir, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FaultlineError, messageOf, type Disk, type DiskFault, type DiskFile } from '../../src/index.js';
import { attachTracer, type TracerSpec } from './tracer.js';

/** What a tracer needs of the node; undefined while its program does not run. */
export type TracedProgram = () => TracerSpec | undefined;

/** A node's data folder, which is a folder of this machine; slow and failing fsync by strace on the program's processes. */
export class LocalDisk implements Disk {
  readonly #node: string;
  readonly #folder: string;
  readonly #program: TracedProgram;

  constructor(node: string, folder: string, program: TracedProgram) {
    this.#node = node;
    this.#folder = folder;
    this.#program = program;
  }

  async list(): Promise<readonly DiskFile[]> {
    return this.#tried('list', async () => {
      const entries = (await readdir(this.#folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
      const files = await Promise.all(entries.map(async (entry) => this.#sized(join(entry.parentPath, entry.name))));
      return files.flatMap((file) => file ?? []).sort((a, b) => (a.path < b.path ? -1 : 1));
    });
  }

  async read(path: string): Promise<Buffer> {
    return this.#tried(`read ${path}`, () => readFile(this.#inside(path)));
  }

  async patch(path: string, at: number, bytes: Buffer): Promise<void> {
    await this.#tried(`write to ${path}`, async () => {
      const file = await open(this.#inside(path), 'r+');
      try {
        for (let from = 0; from < bytes.length; ) from += (await file.write(bytes, from, bytes.length - from, at + from)).bytesWritten;
      } finally {
        await file.close();
      }
    });
  }

  async truncate(path: string, length: number): Promise<void> {
    await this.#tried(`truncate ${path}`, () => truncate(this.#inside(path), length));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#tried(`move ${from}`, async () => {
      const target = this.#inside(to);
      await mkdir(dirname(target), { recursive: true });
      await rename(this.#inside(from), target);
    });
  }

  async replace(from: string, to: string, keep: readonly string[]): Promise<void> {
    await this.#tried(`replace ${to}`, async () => {
      const [source, target] = [this.#inside(from), this.#inside(to)];
      // Before anything is removed: what cannot be read must not cost what there is.
      const names = await readdir(source);
      await mkdir(target, { recursive: true });
      for (const name of await readdir(target)) if (!keep.includes(name)) await rm(join(target, name), { recursive: true, force: true });
      for (const name of names) await cp(join(source, name), join(target, name), { recursive: true, force: true, verbatimSymlinks: true });
    });
  }

  async fill(): Promise<DiskFault> {
    throw new FaultlineError('unsupported', `${this.#node}: the nodes of the local cluster share the disk of this machine`, { hint: 'Use --cluster docker.' });
  }

  async slow(delayMs: number): Promise<DiskFault> {
    const calls = await this.#trace(`delay_enter=${Math.round(delayMs)}ms`, 'DELAYED');
    return faultOf(calls, (count) => `${callsText(count)} of fsync took ${Math.round(delayMs)} ms longer`);
  }

  async failSync(): Promise<DiskFault> {
    const calls = await this.#trace('error=EIO', 'INJECTED');
    return faultOf(calls, (count) => `${callsText(count)} of fsync failed with EIO`);
  }

  async #trace(injection: string, mark: string): Promise<() => Promise<number>> {
    const program = this.#program();
    if (program === undefined) throw new FaultlineError('not-running', `${this.#node}: its program does not run`);
    return attachTracer(program, injection, mark);
  }

  /** A file that has gone since it was listed is left out. */
  async #sized(full: string): Promise<DiskFile | undefined> {
    const found = await stat(full).catch(() => undefined);
    return found === undefined ? undefined : { path: relative(this.#folder, full).split(sep).join('/'), bytes: found.size };
  }

  #inside(path: string): string {
    const full = resolve(this.#folder, path);
    if (full !== resolve(this.#folder) && !full.startsWith(resolve(this.#folder) + sep)) throw new FaultlineError('bad-path', `${this.#node}: ${path} leaves the data folder`);
    return full;
  }

  async #tried<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof FaultlineError) throw cause;
      throw new FaultlineError('disk', `${this.#node}: cannot ${what}: ${messageOf(cause)}`, { cause });
    }
  }
}

function faultOf(detach: () => Promise<number>, words: (calls: number) => string): DiskFault {
  let end: Promise<{ readonly observed: boolean; readonly evidence: string }> | undefined;
  return {
    by: 'strace',
    end: () => (end ??= detach().then((calls) => ({ observed: calls > 0, evidence: words(calls) }))),
  };
}

function callsText(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`;
}
