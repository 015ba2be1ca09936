import type { DiskHost } from '../life.js';

/** A machine in virtual time, for tests: what is to happen, in the order of its time. */
export class TestMachine {
  #now = 0;
  #events: { readonly at: number; readonly run: () => void }[] = [];

  get now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): void {
    const at = this.#now + ms;
    const place = this.#events.findIndex((event) => event.at > at);
    this.#events.splice(place < 0 ? this.#events.length : place, 0, { at, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** A life of a program, which stands still between `pause` and `resume`. */
  begin(): TestLife {
    return new TestLife(this);
  }

  /** Lets the next thing happen, and all that follows from it at the same time. False: there is nothing. */
  async step(): Promise<boolean> {
    const next = this.#events.shift();
    if (next === undefined) return false;
    this.#now = next.at;
    next.run();
    await quiet();
    return true;
  }

  async run(): Promise<void> {
    while (await this.step());
  }

  /** What a promise comes to. Throws if nothing is left to happen and it has come to nothing. */
  async outcome<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const end = (): void => void (over = true);
    promise.then(end, end);
    do await quiet();
    while (!over && (await this.step()));
    if (!over) throw new Error('nothing is left to happen, and it is not done');
    return promise;
  }
}

/** What a machine is to the disk, for one life of a program. */
export class TestLife implements DiskHost {
  readonly #machine: TestMachine;
  #paused: (() => void)[] | undefined;
  #over = false;

  constructor(machine: TestMachine) {
    this.#machine = machine;
  }

  get nowMs(): number {
    return this.#machine.now;
  }

  after(ms: number, run: () => void): void {
    this.#machine.after(ms, run);
  }

  deliver(run: () => void): void {
    if (this.#over) return;
    if (this.#paused === undefined) run();
    else this.#paused.push(run);
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = undefined;
    for (const run of waiting) run();
  }

  end(): void {
    this.#over = true;
  }
}

/** All promises that can go on have gone on. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
