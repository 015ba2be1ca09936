import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { AgentError, run } from './command.js';
import { NFQUEUE_SOURCE } from './nfqueue-source.js';
import { PROBE_PORT, type Incoming, type Peer } from './protocol.js';

const ANSWER_MS = 5000;
/** A program that dies at once is not started again without a pause. */
const RESTART_MS = 200;

/** Packets of a peer that were held back, and those lost or overtaken on purpose. */
export interface QueueCounts {
  readonly delayed: number;
  readonly disturbed: number;
}

/** A command for each family of addresses; senders are told by their hardware address in both. */
export type Iptables = 'iptables' | 'ip6tables';

/**
 * Holds back, loses and reorders incoming packets in a helper program, by netfilter queues. The program runs, and rules send packets to it, only while a link needs
 * it. If it dies, packets pass unhindered (bypass), it is said, and it is started again.
 */
export class Queues {
  readonly #chain: string;
  readonly #onDeath: (why: string) => void;
  readonly #answers: ((answer: string | AgentError) => void)[] = [];
  /** Of programs that have ended; and the last that is known of the one that runs. */
  readonly #before = new Map<string, QueueCounts>();
  #latest: ReadonlyMap<string, QueueCounts> = new Map();
  #child: ChildProcessWithoutNullStreams | undefined;
  #numbers = new Map<string, number>();
  #chained = false;
  #families: readonly Iptables[] = ['iptables'];
  #wanted: { readonly links: readonly Incoming[]; readonly peers: readonly Peer[] } | undefined;

  constructor(chain: string, onDeath: (why: string) => void) {
    this.#chain = chain;
    this.#onDeath = onDeath;
  }

  /** Sees which families there are, beforehand: the first fault is not to wait for that. */
  async prepare(): Promise<void> {
    this.#families = await familiesWithQueues();
  }

  /** Brings all links from peers into the state asked for; those that need nothing are not sent through the queue. */
  async apply(links: readonly Incoming[], peers: readonly Peer[]): Promise<void> {
    const needy = links.filter(needsQueue);
    this.#wanted = needy.length === 0 ? undefined : { links, peers };
    if (needy.length === 0 && !this.#chained) return;
    this.#numbers = new Map(peers.map(({ name }) => [name, Number(name.slice(1))]));
    if (needy.length > 0) {
      this.#start();
      await this.#ask(['set', ...needy.flatMap(({ from, delayMs, jitterMs, lossRate, reorderRate, bytesPerSecond = 0 }) => [this.#numbers.get(from) ?? 0, delayMs, jitterMs, lossRate, reorderRate, bytesPerSecond, PROBE_PORT])].join(' '));
    }
    await this.#chainUp();
    const macs = new Map(peers.map(({ name, mac }) => [name, mac]));
    const rules = needy.map(({ from }) => `-A ${this.#chain} -m mac --mac-source ${macs.get(from) ?? ''} -j NFQUEUE --queue-num ${this.#numbers.get(from) ?? 0} --queue-bypass`);
    // A chain that is declared is flushed: the whole state in one transaction for each family.
    const text = ['*filter', `:${this.#chain} - [0:0]`, ...rules, 'COMMIT', ''].join('\n');
    await Promise.all(this.#families.map((iptables) => run([`${iptables}-restore`, '--noflush', '-w', '5'], text)));
  }

  async counts(): Promise<ReadonlyMap<string, QueueCounts>> {
    const now = this.#child === undefined ? new Map<number, QueueCounts>() : readCounts(await this.#ask('stats'));
    this.#latest = new Map([...this.#numbers].map(([name, number]) => {
      const [old, own] = [this.#before.get(name), now.get(number)];
      return [name, { delayed: (old?.delayed ?? 0) + (own?.delayed ?? 0), disturbed: (old?.disturbed ?? 0) + (own?.disturbed ?? 0) }];
    }));
    return this.#latest;
  }

  /** Removes the rules; the program ends. Idempotent. */
  async remove(): Promise<void> {
    this.#wanted = undefined;
    await this.counts().catch(() => undefined);
    if (this.#chained) {
      await Promise.all(this.#families.map((iptables) => this.#unchain(iptables)));
      this.#chained = false;
    }
    this.#keepCounts();
    const child = this.#child;
    this.#child = undefined;
    child?.stdin.end();
  }

  /** What a program counted since it was last asked is gone with it; what was told stays told. */
  #keepCounts(): void {
    for (const [name, count] of this.#latest) this.#before.set(name, count);
  }

  async #chainUp(): Promise<void> {
    if (this.#chained) return;
    for (const iptables of this.#families) {
      await run([iptables, '-w', '5', '-N', this.#chain]).catch(() => undefined);
      await run([iptables, '-w', '5', '-I', 'INPUT', '-j', this.#chain]);
    }
    this.#chained = true;
  }

  async #unchain(iptables: Iptables): Promise<void> {
    await run([`${iptables}-restore`, '--noflush', '-w', '5'], ['*filter', `:${this.#chain} - [0:0]`, 'COMMIT', ''].join('\n')).catch(() => undefined);
    await run([iptables, '-w', '5', '-D', 'INPUT', '-j', this.#chain]).catch(() => undefined);
    await run([iptables, '-w', '5', '-X', this.#chain]).catch(() => undefined);
  }

  #start(): void {
    if (this.#child !== undefined) return;
    const child = spawn('python3', ['-c', NFQUEUE_SOURCE], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let [text, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#answers.shift()?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors = (errors + chunk).slice(-2000)));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => (errors = error.message));
    child.on('close', (code, signal) => this.#died(child, `${signal ?? `exit code ${code}`} ${errors.trim()}`));
  }

  #died(child: ChildProcessWithoutNullStreams, why: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#keepCounts();
    for (const answer of this.#answers.splice(0)) answer(new AgentError('nfqueue', `the queue program died: ${why}`));
    this.#onDeath(why);
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    setTimeout(() => {
      if (this.#wanted === wanted && this.#child === undefined) void this.apply(wanted.links, wanted.peers).catch(() => undefined);
    }, RESTART_MS).unref();
  }

  async #ask(request: string): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<string | AgentError>((resolve) => {
      timer = setTimeout(() => resolve(new AgentError('nfqueue', 'the queue program does not answer')), ANSWER_MS);
      this.#answers.push(resolve);
      this.#child?.stdin.write(`${request}\n`);
    });
    clearTimeout(timer);
    if (answer instanceof AgentError) throw answer;
    return answer;
  }
}

/** Whether the kernel can send the packets of a family into queues. Throws AgentError with why not. */
export async function tryQueueRule(iptables: Iptables): Promise<void> {
  const rule = ['-m', 'mac', '--mac-source', '02:00:00:00:00:01', '-j', 'NFQUEUE', '--queue-num', '999', '--queue-bypass'];
  await run([iptables, '-w', '5', '-A', 'INPUT', ...rule]);
  await run([iptables, '-w', '5', '-D', 'INPUT', ...rule]);
}

/** IPv6 too where it can be had: without it there is none to hold back. */
async function familiesWithQueues(): Promise<readonly Iptables[]> {
  const six = await tryQueueRule('ip6tables').then(() => true, () => false);
  return six ? ['iptables', 'ip6tables'] : ['iptables'];
}

/** `stats 1 10 2 3 0 0` -> the counts of queues 1 and 3. */
function readCounts(line: string): ReadonlyMap<number, QueueCounts> {
  const numbers = line.split(' ').slice(1).filter((word) => word !== '').map(Number);
  return new Map(Array.from({ length: Math.floor(numbers.length / 3) }, (_, i) => [numbers[3 * i] ?? 0, { delayed: numbers[3 * i + 1] ?? 0, disturbed: numbers[3 * i + 2] ?? 0 }]));
}

/** Whether a link does more than pass or drop. */
export function needsQueue({ delayMs, jitterMs, lossRate, reorderRate, bytesPerSecond }: Omit<Incoming, 'from'>): boolean {
  return delayMs > 0 || jitterMs > 0 || lossRate > 0 || reorderRate > 0 || bytesPerSecond !== undefined;
}
