import type { TraceEvent } from '../../../src/index.js';
import { SimClock } from '../clock.js';
import { SimNetwork, type Receiver } from '../network.js';
import { CALM, type SimSetting } from '../setting.js';

/** A message that has arrived. */
export interface Arrival {
  readonly from: string;
  readonly to: string;
  readonly message: unknown;
  readonly atMs: number;
}

/** A network between a, b and c, and who takes what arrives. */
export class Links {
  readonly clock = new SimClock();
  readonly arrivals: Arrival[] = [];
  readonly trace: TraceEvent[] = [];
  readonly net: SimNetwork;
  /** Which life of its program each node is in; undefined: it is down. */
  readonly lives: Record<string, number | undefined> = { a: 1, b: 1, c: 1 };

  constructor(setting: Partial<SimSetting['network']> = {}, seed = 1) {
    const { clock, lives, arrivals } = this;
    const receivers = new Map(Object.keys(lives).map((to): [string, Receiver] => [to, {
      get life() {
        return lives[to];
      },
      deliver: (from, message) => void arrivals.push({ from, to, message, atMs: clock.nowMs }),
    }]));
    this.net = new SimNetwork({ nodes: Object.keys(lives), clock, seed, setting: { ...CALM.network, ...setting }, receivers, describe: () => ({ sort: 'test' }), sortOf: (message) => (typeof message === 'string' ? message : 'test'), trace: (event) => void this.trace.push(event) });
  }

  /** Sends the numbers from `first` on along a link, one every `everyMs`. */
  async send(from: string, to: string, count: number, { everyMs = 1, first = 0 }: { readonly everyMs?: number; readonly first?: number } = {}): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.net.send(from, to, first + i);
      await this.clock.sleep(everyMs);
    }
  }

  /** What has arrived along a link, in order. */
  got(from: string, to: string): readonly unknown[] {
    return this.arrivals.filter((each) => each.from === from && each.to === to).map(({ message }) => message);
  }

  /** Why what was lost was lost. */
  lost(): readonly (string | undefined)[] {
    return this.trace.flatMap((event) => (event.kind === 'message' && event.arrivedNs === undefined ? [event.lost] : []));
  }

  /** Long enough for everything to have arrived that is on its way. */
  settled(): Promise<void> {
    return this.clock.sleep(10_000);
  }
}

/** The numbers from 0. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** How many of a sequence come after a greater one. */
export function overtaken(numbers: readonly unknown[]): number {
  let greatest = -Infinity;
  let count = 0;
  for (const number of numbers) {
    if (Number(number) < greatest) count++;
    else greatest = Number(number);
  }
  return count;
}
