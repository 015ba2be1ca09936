import type { Moment, Random } from '../../src/index.js';
import type { SimClock } from './clock.js';

interface Waiting {
  readonly sort: string;
  readonly was: Moment['was'];
  readonly met: (from: string, to: string) => void;
}

/** So long after a message something may be done, milliseconds: at once, before it is on the disk, or when it has had its effect. Never at the same moment, or a script that does it again could come first. */
const LATER_MS = [0.001, 0.001, 0.3, 2, 10] as const;

/** Watches messages go by, for those who wait for one of a certain sort. */
export class Moments {
  readonly #clock: SimClock;
  /** How often each sort has arrived. */
  readonly #seen = new Map<string, number>();
  #waiting: Waiting[] = [];

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  /** A message has been sent, or has arrived. */
  pass(was: Moment['was'], sort: string, from: string, to: string): void {
    if (was === 'received') this.#seen.set(sort, (this.#seen.get(sort) ?? 0) + 1);
    if (this.#waiting.length === 0) return;
    const met = this.#waiting.filter((each) => each.was === was && each.sort === sort);
    if (met.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const each of met) each.met(from, to);
  }

  /** See Cluster.moment. Any sort that was seen so far, the rare ones more often: what happens all the time is met without waiting for it. */
  async next(random: Random, patienceMs: number, signal: AbortSignal): Promise<Moment | undefined> {
    if (this.#seen.size === 0 || signal.aborted) return undefined;
    const rareFirst = [...this.#seen].sort(([a, often], [b, oftener]) => often - oftener || (a < b ? -1 : 1)).map(([name]) => name);
    const sort = rareFirst[Math.floor(random.float() ** 2 * rareFirst.length)] ?? '';
    const was = random.pick(['sent', 'received'] as const);
    const laterMs = random.pick(LATER_MS);
    const clock = this.#clock;
    const met = await new Promise<Moment | undefined>((resolve) => {
      const waiting: Waiting = { sort, was, met: (from, to) => end({ sort, was, from, to, laterMs }) };
      const end = (moment: Moment | undefined): void => {
        deadline.run = undefined;
        signal.removeEventListener('abort', giveUp);
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        clock.stir();
        resolve(moment);
      };
      const giveUp = (): void => end(undefined);
      const deadline = clock.in(patienceMs, giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
    });
    if (met !== undefined) await clock.sleep(laterMs);
    return met;
  }
}
