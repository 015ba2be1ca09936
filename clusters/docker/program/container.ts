import { appendFileSync } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import { FaultlineError, messageOf, waitUntil, type Clock, type NodeSignal, type ProgramEnd, type ProgramState } from '../../../src/index.js';
import { ignoringGone, reasonOf, statusOf, withDeadline } from '../deadline.js';

const SIGNAL_MS = 10_000;
/** How long a program may take to heed SIGTERM. */
const TERMINATE_MS = 2000;
const TAIL_LINES = 20;
/** The last of a log may arrive so long after the end. */
const LOG_GRACE_MS = 2000;
/** An engine that does not answer is asked again so often, and given up after so long. */
const ASK_AGAIN_MS = 1000;
const SILENT_MS = 30_000;
const SIGNALS: Readonly<Record<number, string>> = { 129: 'SIGHUP', 130: 'SIGINT', 132: 'SIGILL', 134: 'SIGABRT', 135: 'SIGBUS', 136: 'SIGFPE', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };

/** What is told of an end that nobody asked for. */
export type OnUnexpectedEnd = (end: ProgramEnd & { readonly outOfMemory: boolean }) => void;

export interface ProgramEvents {
  readonly onUnexpectedEnd: OnUnexpectedEnd;
  /** The engine cannot be asked any more how the program is: nobody knows. */
  readonly onLost: (why: string) => void;
}

/**
 * The container of a node's program, over all its lives: it is made once and started again and again. It has no restart policy: nobody but us
 * starts it.
 */
export class ProgramContainer {
  readonly #container: Docker.Container;
  readonly #clock: Clock;
  readonly #events: ProgramEvents;
  readonly #logPath: string;
  #life: Life | undefined;

  /** `logPath`: a file of the controller that gets both outputs, appended over all lives. */
  constructor(container: Docker.Container, clock: Clock, logPath: string, events: ProgramEvents) {
    this.#logPath = logPath;
    this.#container = container;
    this.#clock = clock;
    this.#events = events;
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
    const before = (await this.#inspect()).State;
    const since = engineSeconds(before.FinishedAt);
    try {
      await withDeadline('starting the container', this.#container.start());
    } catch (cause) {
      if (!(await this.#hasStarted(before, cause))) throw new FaultlineError('program-start', `cannot be started: ${reasonOf(cause)}`, { cause, hint: 'Is the program in the image, and executable?' });
    }
    const life: Life = { asked: mayEnd, end: undefined, over: Promise.resolve() };
    life.over = this.#watch(life, since);
    this.#life = life;
  }

  async state(): Promise<ProgramState> {
    if (this.#life === undefined) return 'stopped';
    const State = await this.#inspect().then((found) => found.State, (error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
    return State === undefined ? 'stopped' : State.Paused ? 'paused' : State.Running ? 'running' : 'stopped';
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

  /** Copies what this life writes into the log file, until its end; `over` resolves then. */
  async #follow(since: string, over: Promise<unknown>): Promise<void> {
    const stream = await withDeadline('following the log', this.#container.logs({ stdout: true, stderr: true, follow: true, since: since as unknown as number }));
    const merged = new PassThrough();
    (this.#container.modem as Docker['modem']).demuxStream(stream, merged, merged);
    merged.on('data', (chunk: Buffer) => appendFileSync(this.#logPath, chunk));
    const ended = new Promise<void>((resolve) => stream.on('end', () => setImmediate(resolve)).on('close', () => setImmediate(resolve)).on('error', () => resolve()));
    void over.then(() => withDeadline('the rest of the log', ended, LOG_GRACE_MS)).catch(() => (stream as unknown as Readable).destroy());
    await ended;
  }

  /** Whether a container that was told to start did although that failed: it ran already, or the engine's answer was lost. */
  async #hasStarted(before: Docker.ContainerInspectInfo['State'], cause: unknown): Promise<boolean> {
    if (statusOf(cause) === 304) return true;
    const now = await this.#inspect().then(({ State }) => State, () => before);
    // One that cannot be executed has its start noted too, with the engine's own exit codes.
    return now.Running || (now.StartedAt !== before.StartedAt && ![125, 126, 127, 128].includes(now.ExitCode));
  }

  /** The exit status, when the container has stopped; undefined: it is gone. If the question fails, that says nothing of the program: it is asked again. Throws if the engine does not answer any more. */
  async #status(): Promise<number | undefined> {
    for (;;) {
      try {
        return ((await this.#container.wait({ condition: 'not-running' })) as { readonly StatusCode: number }).StatusCode;
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        await waitUntil('the engine', async () => this.#inspect().then(() => true, (failure: unknown) => statusOf(failure) === 404), { clock: this.#clock, timeoutMs: SILENT_MS, intervalMs: ASK_AGAIN_MS });
      }
    }
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
    const ended = this.#status();
    const followed = this.#follow(since, ended.catch(() => undefined)).catch(() => undefined);
    let status: number | undefined;
    try {
      status = await ended;
    } catch (error) {
      this.#events.onLost(messageOf(error));
      return;
    }
    // Whoever expects an end from now on means another.
    const { asked } = life;
    const [tail, outOfMemory] = await Promise.all([
      this.#tail(since).catch((error: unknown) => `(its log cannot be read: ${messageOf(error)})`),
      this.#inspect().then(({ State }) => State.OOMKilled, () => false),
    ]);
    const signal = SIGNALS[status ?? 137] ?? null;
    life.end = { code: signal === null ? (status ?? null) : null, signal, tail };
    if (!asked) this.#events.onUnexpectedEnd({ ...life.end, outOfMemory });
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
