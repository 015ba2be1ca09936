interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: actions in the order of their time, those of one time in the order in which they were scheduled. */
export class EventQueue {
  readonly #heap: Scheduled[] = [];
  #scheduled = 0;
  #now = 0;

  /** Virtual milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** Schedules an action, not before now. */
  at(time: number, run: () => void): void {
    const item = { at: Math.max(time, this.#now), order: this.#scheduled++, run };
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!before(item, heap[parent] as Scheduled)) break;
      heap[hole] = heap[parent] as Scheduled;
      hole = parent;
    }
    heap[hole] = item;
  }

  /** Runs everything up to a time, and moves the clock there. */
  runUntil(time: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= time; next = this.#heap[0]) {
      this.#removeFirst();
      this.#now = next.at;
      next.run();
    }
    this.#now = Math.max(this.#now, time);
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const item = heap.pop() as Scheduled;
    if (heap.length === 0) return;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Scheduled, heap[child] as Scheduled)) child++;
      if (!before(heap[child] as Scheduled, item)) break;
      heap[hole] = heap[child] as Scheduled;
      hole = child;
    }
    heap[hole] = item;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
