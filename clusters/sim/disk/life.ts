import type { Random } from '../../../src/index.js';

/** The machine that a program runs on, as its disk sees it. */
export interface DiskHost {
  /** Virtual milliseconds since the start. */
  readonly nowMs: number;
  /** Runs something when so many milliseconds of virtual time have passed, whether the program stands still meanwhile or not. `plain`: it lets no promise go on. */
  after(ms: number, run: () => void, plain?: 'plain'): void;
  /** Runs what is the program's own: at once, or when it goes on after a pause; never when its life is over. */
  deliver(run: () => void): void;
}

/** What the program has under way. */
interface Operation {
  /** Its life ends before it is done: what has come of it all the same. */
  readonly cutShort: (random: Random) => void;
}

/** What is to be done after a while. */
interface Task extends Operation {
  readonly ms: number;
  readonly work: () => void;
  /** Tells the program that it is done, or what it threw. */
  readonly done: (error: Error | undefined) => void;
}

/** One life of a program, and what it has under way on its disk. When it is over, nothing of that is done any more, and nobody is told. */
export class Life {
  readonly #host: DiskHost;
  readonly #random: Random;
  /** In the order in which it was begun. There is rarely more than one, and a Set that is always changed is always made anew. */
  readonly #underWay: Operation[] = [];
  #over = false;

  constructor(host: DiskHost, random: Random) {
    this.#host = host;
    this.#random = random;
  }

  get over(): boolean {
    return this.#over;
  }

  get nowMs(): number {
    return this.#host.nowMs;
  }

  /** Does something after a while, and tells the program by a callback. */
  call(task: Task): void {
    if (this.#over) return;
    this.#underWay.push(task);
    this.#host.after(task.ms, () => {
      if (!this.#ends(task)) return;
      let failed: Error | undefined;
      try {
        task.work();
      } catch (error) {
        failed = error as Error;
      }
      this.#host.deliver(() => task.done(failed));
    }, 'plain');
  }

  /** Does something after a while, and tells the program by a promise. `flow`: gets what starts the while, and calls it at once or later; left out: it starts at once. */
  later<T>(ms: number, work: () => T, cutShort: (random: Random) => void, flow?: (run: () => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#over) return;
      const operation: Operation = { cutShort };
      this.#underWay.push(operation);
      const end = (): void => {
        if (!this.#ends(operation)) return;
        const tell = outcomeOf(work, resolve, reject);
        this.#host.deliver(tell);
      };
      if (flow === undefined) return this.#host.after(ms, end);
      flow(() => {
        if (this.#underWay.includes(operation)) this.#host.after(ms, end);
      });
    });
  }

  end(): void {
    if (this.#over) return;
    for (const { cutShort } of this.#underWay) outcomeOf(() => cutShort(this.#random), ignore, ignore);
    this.#underWay.length = 0;
    this.#over = true;
  }

  /** It is not under way any more; false: it was not. */
  #ends(operation: Operation): boolean {
    const at = this.#underWay.indexOf(operation);
    if (at >= 0) this.#underWay.splice(at, 1);
    return at >= 0;
  }
}

function ignore(): void {
  // Nobody is told any more.
}

/** Does it now; gives what tells of it. */
function outcomeOf<T>(work: () => T, resolve: (value: T) => void, reject: (error: Error) => void): () => void {
  try {
    const value = work();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error as Error);
  }
}
