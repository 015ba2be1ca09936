import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { FaultlineError, type ClockSetting, type DiskFile } from '../../../src/index.js';
import { faketimeText } from '../../shared/faketime.js';
import { linkCountsSchema, probeResultSchema, packetTrialSchema, type AgentRequest, type Incoming, type LinkCounts, type Outgoing, type PacketTrial, type Peer, type ProbeResult } from './protocol.js';

/** The longest that an agent may take: for a disk that is filled. */
const REPLY_MS = 15_000;
const HEARTBEAT_MS = 2000;

const replySchema = z.union([
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
  z.looseObject({ event: z.string() }),
]);

export interface AgentClientOptions {
  /** The node's name, for messages. */
  readonly name: string;
  readonly input: Writable | NodeJS.ReadWriteStream;
  readonly output: Readable;
  readonly onEvent: (event: Readonly<Record<string, unknown>>) => void;
  /** Is told, once, when the agent is gone or has given up its lease while it is still needed. */
  readonly onGone?: (error: FaultlineError) => void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FaultlineError) => void;
}

/** The controller's end of the conversation with an agent. Its requests are a heartbeat; without any it sends one of its own. */
export class AgentClient implements AsyncDisposable {
  readonly #options: AgentClientOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #heartbeat: NodeJS.Timeout;
  #number = 0;
  #gone: FaultlineError | undefined;

  constructor(options: AgentClientOptions) {
    this.#options = options;
    const lines = createInterface({ input: options.output });
    lines.on('line', (line) => this.#hear(line));
    lines.on('close', () => this.#end('its connection was closed'));
    options.input.on('error', (error: Error) => this.#end(error.message));
    // Parts our first request from what the way here may have put before it; see intake.ts.
    options.input.write('\n');
    this.#heartbeat = setInterval(() => void this.#ask({ op: 'ping' }).catch(() => undefined), HEARTBEAT_MS).unref();
  }

  /** Makes the folders of the volume. */
  async prepare(): Promise<void> {
    await this.#ask({ op: 'prepare' });
  }

  /** Makes rules and counters for these peers: before anything is asked of links. Gives by what packets can be disturbed here. */
  async setup(request: { readonly peers: readonly Peer[]; readonly peerPorts: readonly number[] }): Promise<PacketTrial> {
    return packetTrialSchema.parse(await this.#ask({ op: 'setup', peers: [...request.peers], peerPorts: [...request.peerPorts] }));
  }

  async applyLinks(request: { readonly incoming: readonly Incoming[]; readonly outgoing: readonly Outgoing[] }): Promise<void> {
    await this.#ask({ op: 'applyLinks', incoming: [...request.incoming], outgoing: [...request.outgoing] });
  }

  async stats(): Promise<readonly LinkCounts[]> {
    return z.array(linkCountsSchema).parse(await this.#ask({ op: 'stats' }));
  }

  /** Sends datagrams; returns when they are sent. */
  async probeSend(request: { readonly to: readonly { readonly name: string; readonly address: string }[]; readonly nonce: string; readonly count: number; readonly gapMs: number }): Promise<void> {
    await this.#ask({ op: 'probeSend', ...request, to: [...request.to] });
  }

  /** What has arrived here so far. */
  async probeResult(nonce: string): Promise<readonly ProbeResult[]> {
    return z.array(probeResultSchema).parse(await this.#ask({ op: 'probeResult', nonce }));
  }

  async heal(): Promise<void> {
    await this.#ask({ op: 'heal' });
  }

  async setClock(setting: ClockSetting): Promise<void> {
    await this.#ask({ op: 'setClock', text: faketimeText(setting) });
  }

  async list(): Promise<readonly DiskFile[]> {
    return z.array(z.object({ path: z.string(), bytes: z.number() })).parse(await this.#ask({ op: 'list' }));
  }

  async read(path: string): Promise<Buffer> {
    return Buffer.from(z.string().parse(await this.#ask({ op: 'read', path })), 'base64');
  }

  async patch(path: string, at: number, bytes: Buffer): Promise<void> {
    await this.#ask({ op: 'patch', path, at, base64: bytes.toString('base64') });
  }

  async truncate(path: string, length: number): Promise<void> {
    await this.#ask({ op: 'truncate', path, length });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#ask({ op: 'rename', from, to });
  }

  async replace(from: string, to: string, keep: readonly string[]): Promise<void> {
    await this.#ask({ op: 'replace', from, to, keep: [...keep] });
  }

  async wipe(): Promise<void> {
    await this.#ask({ op: 'wipe' });
  }

  async fill(): Promise<{ readonly ballastBytes: number }> {
    return z.object({ ballastBytes: z.number() }).parse(await this.#ask({ op: 'fill' }));
  }

  async free(): Promise<{ readonly wasFull: boolean }> {
    return z.object({ wasFull: z.boolean() }).parse(await this.#ask({ op: 'free' }));
  }

  /** Lets go of the lease: the agent opens every link. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end('the run is over', true);
    this.#options.input.end();
  }

  #ask(request: AgentRequest): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const id = ++this.#number;
    const { name, input } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new FaultlineError('agent-timeout', `${name}: the agent did not answer "${request.op}" within ${REPLY_MS / 1000} s`, { hint: 'Is the engine overloaded?' }));
      }, REPLY_MS);
      const settle = <T>(done: (value: T) => void) => (value: T): void => {
        clearTimeout(timer);
        done(value);
      };
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      input.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  #hear(line: string): void {
    const parsed = replySchema.safeParse(parseJson(line));
    if (!parsed.success) return this.#options.onEvent({ event: 'unreadable', line: line.slice(0, 500) });
    const message = parsed.data;
    // Links are open again behind our back: what it answers from now on is worth nothing.
    if ('event' in message && message['event'] === 'healed') this.#end(`it has given up its lease: ${String(message['why'])}`);
    if (!('id' in message) || typeof message.id !== 'number') return 'event' in message ? this.#options.onEvent(message) : undefined;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('ok' in message && message.ok === true) pending?.resolve((message as { readonly result: unknown }).result);
    else {
      const { code, message: text } = (message as { readonly error: { readonly code: string; readonly message: string } }).error;
      pending?.reject(new FaultlineError(code === 'bad-path' ? code : /^E[A-Z]+$/.test(code) ? 'disk' : `agent-${code}`, `${this.#options.name}: ${text}`));
    }
  }

  #end(why: string, expected = false): void {
    if (this.#gone !== undefined) return;
    clearInterval(this.#heartbeat);
    const gone = new FaultlineError('agent-gone', `${this.#options.name}: the agent in its holder is gone: ${why}`, { hint: 'Its container ended or the engine went away; the run is void.' });
    this.#gone = gone;
    for (const { reject } of this.#pending.values()) reject(gone);
    this.#pending.clear();
    if (!expected) this.#options.onGone?.(gone);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
