import { PENDING, type ObjectHistory } from './object-history.js';

/** Positions between two lists of open operations that are kept. */
const EVERY = 1024;

/** Which operations, of those that complete, are open at a position: told without going through the whole history each time. */
export class OpenOperations {
  readonly #history: ObjectHistory;
  #kept: readonly (readonly number[])[] | undefined;

  constructor(history: ObjectHistory) {
    this.#history = history;
  }

  /** Operations invoked before the position that complete at it or after it, in order of invocation. */
  at(position: number): readonly number[] {
    this.#kept ??= this.#snapshots();
    const from = Math.floor(position / EVERY);
    const open = new Set(this.#kept[from]);
    for (let at = from * EVERY; at < position; at++) this.#advance(open, at);
    return [...open];
  }

  #snapshots(): readonly (readonly number[])[] {
    const kept: (readonly number[])[] = [];
    const open = new Set<number>();
    for (let at = 0; at <= this.#history.positions; at++) {
      if (at % EVERY === 0) kept.push([...open]);
      if (at < this.#history.positions) this.#advance(open, at);
    }
    return kept;
  }

  /** A Set keeps the order in which members were added: that of invocation. */
  #advance(open: Set<number>, position: number): void {
    const event = this.#history.events[position] as number;
    if ((event & 1) === 1) open.delete(event >> 1);
    else if (this.#history.ret[event >> 1] !== PENDING) open.add(event >> 1);
  }
}
