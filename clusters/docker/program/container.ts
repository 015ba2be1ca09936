import { appendFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { FaultlineError, messageOf, type Clock, type NodeSignal, type ProgramEnd, type ProgramState } from '../../../src/index.js';
import { ignoringGone, reasonOf, withDeadline } from '../deadline.js';

const SIGNAL_MS = 10_000;
/** How long a program may take to heed SIGTERM. */
const TERMINATE_MS = 2000;
const TAIL_LINES = 20;
const SIGNALS: Readonly<Record<number, string>> = { 129: 'SIGHUP', 130: 'SIGINT', 132: 'SIGILL', 134: 'SIGABRT', 135: 'SIGBUS', 136: 'SIGFPE', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };

/** What is told of an end that nobody asked for. */
export type OnUnexpectedEnd = (end: ProgramEnd & { readonly outOfMemory: boolean }) => void;

/**
 * The container of a node's program, over all its lives: it is made once and started again and again. It has no restart policy: nobody but us
 * starts it.
 */
export class ProgramContainer {
  readonly #container: Docker.Container;
  readonly #clock: Clock;
  readonly #onUnexpectedEnd: OnUnexpectedEnd;
  readonly #logPath: string;
  #life: Life | undefined;

  /** `logPath`: a file of the controller that gets both outputs, appended over all lives. */
  constructor(container: Docker.Container, clock: Clock, logPath: string, onUnexpectedEnd: OnUnexpectedEnd) {
    this.#logPath = logPath;
    this.#container = container;
    this.#clock = clock;
    this.#onUnexpectedEnd = onUnexpectedEnd;
  }

  get id(): string {
    return this.#container.id;
  }

  get lastEnd(): ProgramEnd | undefined {
    return this.#life?.end;
  }

  /** Whether a life is under way, as far as the engine has told us. */
  get alive(): boolean {
    return this.#life !== undefined && this.#life.end === undefined;
  }

  /** Whether an end of this life is nothing unexpected, from now on. */
  expectEnd(expected = true): void {
    if (this.#life !== undefined) this.#life.asked = expected;
  }

  /** Starts it; returns when it runs (or has ended already). Throws FaultlineError `program-start`. */
  async start(mayEnd: boolean): Promise<void> {
    const since = engineSeconds((await this.#inspect()).State.FinishedAt);
    try {
      await withDeadline('starting the container', this.#container.start());
    } catch (cause) {
      throw new FaultlineError('program-start', `cannot be started: ${reasonOf(cause)}`, { cause, hint: 'Is the program in the image, and executable?' });
    }
    const life: Life = { asked: mayEnd, end: undefined, over: Promise.resolve() };
    life.over = this.#watch(life, since);
    this.#life = life;
  }

  async state(): Promise<ProgramState> {
    if (this.#life === undefined || this.#life.end !== undefined) return 'stopped';
    const { State } = await this.#inspect();
    return State.Paused ? 'paused' : State.Running ? 'running' : 'stopped';
  }

  /** See Node.signal. */
  async signal(signal: NodeSignal): Promise<void> {
    const life = this.#life;
    if (life === undefined || life.end !== undefined) return;
    switch (signal) {
      case 'SIGKILL':
        return this.#kill(life);
      case 'SIGTERM':
        return this.#terminate(life);
      case 'SIGSTOP':
        if ((await this.state()) === 'running') await this.#tolerant(life, this.#container.pause());
        return;
      case 'SIGCONT':
        if ((await this.state()) === 'paused') await this.#tolerant(life, this.#container.unpause());
    }
  }

  /** Copies what this life writes into the log file, until its end. */
  async #follow(since: string): Promise<void> {
    const stream = await withDeadline('following the log', this.#container.logs({ stdout: true, stderr: true, follow: true, since: since as unknown as number }));
    const merged = new PassThrough();
    (this.#container.modem as Docker['modem']).demuxStream(stream, merged, merged);
    merged.on('data', (chunk: Buffer) => appendFileSync(this.#logPath, chunk));
    await new Promise<void>((resolve) => stream.on('end', () => setImmediate(resolve)).on('close', () => setImmediate(resolve)).on('error', () => resolve()));
  }

  async #tail(since: string): Promise<string> {
    const raw = await withDeadline('reading the log', this.#container.logs({ stdout: true, stderr: true, follow: false, tail: TAIL_LINES, since: since as unknown as number }));
    return demultiplexed(raw).toString('utf8').trimEnd();
  }

  async update(limits: { readonly Memory: number; readonly MemorySwap: number }): Promise<void> {
    await withDeadline('changing the memory limit', this.#container.update(limits));
  }

  /** Resolves when this life is over. */
  async over(): Promise<void> {
    await this.#life?.over;
  }

  /** Kills and removes it. Idempotent. */
  async remove(): Promise<void> {
    if (this.#life !== undefined) this.#life.asked = true;
    await ignoringGone(withDeadline('removing the container', this.#container.remove({ force: true, v: false })));
    await this.#life?.over.catch(() => undefined);
  }

  async #kill(life: Life): Promise<void> {
    life.asked = true;
    await this.#tolerant(life, this.#container.kill({ signal: 'SIGKILL' }));
    if (!(await this.#overWithin(life, SIGNAL_MS))) throw new FaultlineError('signal-failed', `the container did not end within ${SIGNAL_MS} ms of SIGKILL`, { hint: 'It may hang in the kernel (state D, a slow disk?).' });
  }

  async #terminate(life: Life): Promise<void> {
    life.asked = true;
    if ((await this.state()) === 'paused') await this.#tolerant(life, this.#container.unpause());
    await this.#tolerant(life, this.#container.kill({ signal: 'SIGTERM' }));
    if (!(await this.#overWithin(life, TERMINATE_MS))) await this.#kill(life);
  }

  /** A program that ends while it is signalled is no failure of the signal. */
  async #tolerant(life: Life, work: Promise<unknown>): Promise<void> {
    try {
      await withDeadline('signalling the container', work, SIGNAL_MS);
    } catch (cause) {
      if (life.end !== undefined || !(await this.#inspect()).State.Running) return;
      throw new FaultlineError('signal-failed', reasonOf(cause), { cause });
    }
  }

  async #overWithin(life: Life, ms: number): Promise<boolean> {
    const giveUp = new AbortController();
    const late = this.#clock.sleep(ms, giveUp.signal).then(() => false, () => false);
    const inTime = await Promise.race([life.over.then(() => true), late]);
    giveUp.abort();
    return inTime;
  }

  /** Waits for the end of a life and says how it was. The engine's answer comes when the container has stopped. */
  async #watch(life: Life, since: string): Promise<void> {
    const followed = this.#follow(since).catch(() => undefined);
    const status = await (this.#container.wait({ condition: 'not-running' }) as Promise<{ readonly StatusCode: number }>).then(
      ({ StatusCode }) => StatusCode,
      () => undefined,
    );
    const [tail, outOfMemory] = await Promise.all([
      this.#tail(since).catch((error: unknown) => `(its log cannot be read: ${messageOf(error)})`),
      this.#inspect().then(({ State }) => State.OOMKilled, () => false),
    ]);
    const signal = SIGNALS[status ?? 137] ?? null;
    life.end = { code: signal === null ? (status ?? null) : null, signal, tail };
    if (!life.asked) this.#onUnexpectedEnd({ ...life.end, outOfMemory });
    await followed;
  }

  async #inspect(): Promise<Docker.ContainerInspectInfo> {
    return withDeadline('inspecting the container', this.#container.inspect());
  }
}

/** One life of the program: from a start to its end. */
interface Life {
  /** Somebody of ours asked for the end. */
  asked: boolean;
  end: ProgramEnd | undefined;
  over: Promise<void>;
}

/** A moment of the engine as its interface wants it back: seconds since 1970 with nanoseconds. `0001-01-01T00:00:00Z`, for never, is 0. */
export function engineSeconds(text: string): string {
  const seconds = Math.floor(Date.parse(text) / 1000);
  if (!Number.isFinite(seconds) || seconds < 0) return '0';
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '0';
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

/** The engine's frames of eight bytes (stream, length) and their contents, put together again. */
export function demultiplexed(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts);
}
