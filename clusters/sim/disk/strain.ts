import type { DiskFault, Random } from '../../../src/index.js';

/** What is free on a full disk is less than so many bytes. */
const SPARE_BYTES = 4096;

interface Strained {
  /** How often it has bitten. */
  calls: number;
}

/** The faults of a disk that are in force. */
export class Strain {
  readonly #random: Random;
  readonly #full = new Set<Strained>();
  readonly #slow = new Map<Strained, number>();
  readonly #failing = new Set<Strained>();
  #spare = 0;
  #held: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether no fault is in force. */
  get none(): boolean {
    return this.#full.size === 0 && this.#slow.size === 0 && this.#failing.size === 0;
  }

  fill(): DiskFault {
    if (this.#full.size === 0) this.#spare = this.#random.int(SPARE_BYTES);
    const fault = { calls: 0 };
    this.#full.add(fault);
    return ended(() => this.#full.delete(fault), fault, (times) => `${times === 1 ? '1 time' : `${times} times`} there was no space for what was to be written`);
  }

  slow(delayMs: number): DiskFault {
    const fault = { calls: 0 };
    this.#slow.set(fault, delayMs);
    const end = (): void => {
      this.#slow.delete(fault);
      this.#release();
    };
    return ended(end, fault, (calls) => `${callsText(calls)} of fsync ${delayMs === Infinity ? 'did not return' : `took ${Math.round(delayMs)} ms longer`}`);
  }

  failSync(): DiskFault {
    const fault = { calls: 0 };
    this.#failing.add(fault);
    return ended(() => this.#failing.delete(fault), fault, (calls) => `${callsText(calls)} of fsync failed with EIO`);
  }

  /** Takes space for so many bytes more. Gives how many there is space for. */
  takeBytes(bytes: number): number {
    if (this.#full.size === 0) return bytes;
    const taken = Math.min(bytes, this.#spare);
    this.#spare -= taken;
    if (taken < bytes) bite(this.#full);
    return taken;
  }

  /** Whether there is space for a new file. */
  takeFile(): boolean {
    bite(this.#full);
    return this.#full.size === 0;
  }

  /** What was removed leaves space. */
  giveBack(bytes: number): void {
    this.#spare += bytes;
  }

  /** A sync is called: how much longer it lasts, ms. Infinity: until `hold` lets it go. */
  slowerMs(): number {
    if (this.#slow.size === 0) return 0;
    bite(this.#slow.keys());
    return [...this.#slow.values()].reduce((sum, ms) => sum + ms, 0);
  }

  /** Runs it when no sync is held any more. */
  hold(run: () => void): void {
    this.#held.push(run);
  }

  /** Whether a sync that is ending fails. */
  syncFails(): boolean {
    bite(this.#failing);
    return this.#failing.size > 0;
  }

  #release(): void {
    if ([...this.#slow.values()].includes(Infinity)) return;
    const held = this.#held;
    this.#held = [];
    for (const run of held) run();
  }
}

function bite(faults: Iterable<Strained>): void {
  for (const fault of faults) fault.calls++;
}

function ended(end: () => void, fault: Strained, words: (calls: number) => string): DiskFault {
  let over: { readonly observed: boolean; readonly evidence: string } | undefined;
  return {
    by: 'simulated disk',
    end: async () => {
      if (over === undefined) end();
      return (over ??= { observed: fault.calls > 0, evidence: words(fault.calls) });
    },
  };
}

function callsText(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`;
}
