import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/index.js';
import { ProgramContainer } from './container.js';

const folder = mkdtempSync(join(tmpdir(), 'fl-container-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NEVER = '0001-01-01T00:00:00Z';
const refused = (statusCode: number, message: string): Error => Object.assign(new Error(message), { statusCode });

/** A container of an engine that answers as it is told to. */
class FakeContainer {
  readonly id = 'c1';
  readonly modem = { demuxStream: () => undefined };
  readonly state = { Running: false, Paused: false, StartedAt: NEVER, FinishedAt: NEVER, ExitCode: 0, OOMKilled: false };
  /** What the next waits do, in turn; then they wait for the end. */
  readonly waits: (() => Promise<{ StatusCode: number }>)[] = [];
  start = async (): Promise<void> => {
    this.run();
  };
  #ended: (() => void)[] = [];

  run(): void {
    Object.assign(this.state, { Running: true, StartedAt: new Date().toISOString() });
  }

  end(code: number): void {
    Object.assign(this.state, { Running: false, ExitCode: code, FinishedAt: new Date().toISOString() });
    for (const resolve of this.#ended.splice(0)) resolve();
  }

  async inspect(): Promise<unknown> {
    return { State: { ...this.state } };
  }

  async wait(): Promise<{ StatusCode: number }> {
    const special = this.waits.shift();
    if (special !== undefined) return special();
    if (this.state.Running) await new Promise<void>((resolve) => this.#ended.push(resolve));
    return { StatusCode: this.state.ExitCode };
  }

  /** Whether the log that is followed ends with the program. */
  logEnds = true;

  async logs({ follow }: { readonly follow: boolean }): Promise<unknown> {
    if (!follow) return Buffer.alloc(0);
    const log = new PassThrough();
    this.#ended.push(() => {
      if (this.logEnds) log.resume().end();
    });
    return log;
  }
}

let fake: FakeContainer;
let program: ProgramContainer;
let ends: string[];

beforeEach(() => {
  fake = new FakeContainer();
  ends = [];
  program = new ProgramContainer(fake as unknown as Docker.Container, realClock(), join(folder, 'log'), {
    onUnexpectedEnd: ({ code, signal }) => ends.push(signal ?? String(code)),
    onLost: (why) => ends.push(`lost: ${why}`),
  });
});

describe('a broken connection to the engine', () => {
  it('while it waits for the end is not the end', async () => {
    fake.waits.push(() => Promise.reject(new Error('read ECONNRESET')), () => Promise.reject(new Error('socket hang up')));
    await program.start(false);
    await expect.poll(() => fake.waits.length).toBe(0);
    expect([program.alive, await program.state()]).toEqual([true, 'running']);
    fake.end(3);
    await program.over();
    expect([program.lastEnd?.code, ends]).toEqual([3, ['3']]);
  });

  it('hides no end that came meanwhile', async () => {
    fake.waits.push(async () => {
      fake.end(134);
      throw new Error('read ECONNRESET');
    });
    await program.start(false);
    await program.over();
    expect([program.lastEnd?.signal, ends]).toEqual(['SIGABRT', ['SIGABRT']]);
  });

  it('while it starts does not hide that it did', async () => {
    fake.start = async () => {
      fake.run();
      throw new Error('read ECONNRESET');
    };
    await program.start(false);
    expect(program.alive).toBe(true);
    fake.end(0);
    await program.over();
  });
});

describe('a start', () => {
  it('of what runs already is taken as one', async () => {
    fake.run();
    fake.start = () => Promise.reject(refused(304, 'container already started'));
    await program.start(false);
    expect(program.alive).toBe(true);
    fake.end(0);
    await program.over();
  });

  it('that fails is told with the reason', async () => {
    fake.start = () => Promise.reject(refused(400, 'exec: "nix": executable file not found'));
    await expect(program.start(false)).rejects.toMatchObject({ code: 'program-start', message: expect.stringContaining('"nix"') as unknown });
    expect(program.alive).toBe(false);
  });
});

describe('an end', () => {
  it('is over although its log is not, soon', async () => {
    fake.logEnds = false;
    await program.start(true);
    fake.end(0);
    const began = performance.now();
    await program.over();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(ends).toEqual([]);
  });

  it('that nobody expected when it came is not made expected afterwards', async () => {
    const logs = fake.logs.bind(fake);
    await program.start(false);
    fake.logs = async (options) => {
      program.expectEnd();
      return logs(options);
    };
    fake.end(1);
    await program.over();
    expect(ends).toEqual(['1']);
  });

  it('of a container that is gone is known too', async () => {
    fake.waits.push(() => Promise.reject(refused(404, 'no such container')));
    await program.start(true);
    await program.over();
    expect(program.alive).toBe(false);
  });
});
