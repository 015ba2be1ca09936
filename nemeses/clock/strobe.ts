import { NS_PER_MS, type Clock, type Node } from '../../src/index.js';

/** Switches the clocks of nodes to and fro between two offsets, from the second one on; the first has been set already. */
export class Strobe {
  readonly #over = new AbortController();
  readonly #work: Promise<void>;

  private constructor(clock: Clock, nodes: readonly Node[], betweenMs: readonly [number, number], periodMs: number) {
    this.#work = this.#switch(clock, nodes, betweenMs, periodMs);
  }

  /** Each offset lasts for `periodMs`, or as long as it takes to set. */
  static start(clock: Clock, nodes: readonly Node[], betweenMs: readonly [number, number], periodMs: number): Strobe {
    return new Strobe(clock, nodes, betweenMs, periodMs);
  }

  /** Returns when no switch is under way any more: what is set afterwards stays. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#work;
  }

  /** A clock that cannot be set any more is left alone: what the nodes show tells of it. */
  async #switch(clock: Clock, nodes: readonly Node[], betweenMs: readonly [number, number], periodMs: number): Promise<void> {
    const { signal } = this.#over;
    let dueNs = clock.now();
    for (let i = 1; !signal.aborted; i++) {
      dueNs = Math.max(dueNs + periodMs * NS_PER_MS, clock.now());
      await clock.sleep((dueNs - clock.now()) / NS_PER_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await Promise.allSettled(nodes.map((node) => node.setClock({ offsetMs: betweenMs[i % 2] ?? 0 })));
    }
  }
}
