import { FaultlineError } from '../errors.js';
import { ClockNotes, offsetMs, type ClocksNote } from './clock-notes.js';
import { CounterTotals } from './counter-totals.js';
import { fingerprintOf } from './state-fingerprint.js';
import { compareTerms } from './terms.js';
import type { NodeStatus } from './system.js';
import type { Run } from './run-context.js';

/** How often the monitor asks every node who leads, and how long it waits for an answer, milliseconds. */
const INTERVAL_MS = 200;
const ANSWER_MS = 150;

/** A change of leader as the monitor saw it: what it notes in the history. */
export interface LeaderNote {
  readonly node: string;
  readonly term: string;
}

/** Where the monitor's notes go. */
export interface MonitorNotes {
  leader(note: LeaderNote): void;
  /** Left out: the clocks are nobody's concern. */
  clocks?(note: ClocksNote): void;
  /** An abstract state of the cluster, as a hash. */
  state?(fingerprint: number): void;
}

/** Watches who leads and what the nodes' clocks show, from outside, and gathers the counters of the nodes. Never used for a verdict on safety. */
export class Monitor implements AsyncDisposable {
  readonly #run: Run;
  readonly #notes: MonitorNotes;
  readonly #clockNotes = new ClockNotes();
  readonly #stop = new AbortController();
  readonly #latest = new Map<string, NodeStatus>();
  readonly #totals = new CounterTotals();
  #term: string | undefined;
  #loop: Promise<void> | undefined;

  constructor(run: Run, notes: MonitorNotes) {
    this.#run = run;
    this.#notes = notes;
  }

  start(): void {
    this.#loop ??= this.#watch();
  }

  /** The last status that each node gave, by name. */
  latest(): ReadonlyMap<string, NodeStatus> {
    return this.#latest;
  }

  /** Asks every node once; those that do not answer in time are left out. */
  async poll(): Promise<void> {
    const { system, cluster } = this.#run;
    const ask = system.status?.bind(system);
    if (ask === undefined) return;
    const answers = new Map<string, NodeStatus>();
    // One deadline for all, which is gone when they have answered: to let one pass costs more than all the rest.
    const deadline = new AbortController();
    const inTime = this.#run.clock.after(ANSWER_MS, () => deadline.abort(new FaultlineError('timeout', `no status within ${ANSWER_MS} ms`)));
    const offsets = await Promise.all(
      cluster.nodes.map(async (node) => {
        const askedMs = this.#run.clock.wallMs();
        const status = await ask(node, this.#run, deadline.signal).catch(() => undefined);
        if (status !== undefined) {
          answers.set(node.name, status);
          this.#note(node.name, status);
        }
        return status?.wallMs === undefined ? [] : ([[node.name, offsetMs(status.wallMs, askedMs, this.#run.clock.wallMs())]] as const);
      }),
    );
    inTime();
    this.#notes.state?.(fingerprintOf(cluster.nodes.map(({ name }) => answers.get(name))));
    this.#noteLeader();
    this.#noteClocks(Object.fromEntries(offsets.flat()));
  }

  /** What all nodes have counted in all their lives; see CounterTotals. */
  exercised(): Readonly<Record<string, number>> {
    return this.#totals.totals();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new FaultlineError('stopped', 'the monitor was stopped'));
    await this.#loop;
  }

  #note(node: string, status: NodeStatus): void {
    this.#latest.set(node, status);
    this.#totals.note(node, status.counters ?? {}, status.life);
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.poll();
      await this.#run.clock.sleep(INTERVAL_MS, this.#stop.signal).catch(() => undefined);
    }
  }

  /** A leader is a node that says so of itself; of several (an old one that was cut off, say) the one with the newest term. */
  #noteLeader(): void {
    const leaders = [...this.#latest].flatMap(([node, { leader, term }]) => (leader === node && term !== undefined ? [{ node, term }] : []));
    const newest = leaders.sort((a, b) => compareTerms(b.term, a.term))[0];
    if (newest === undefined || newest.term === this.#term) return;
    if (this.#term !== undefined && compareTerms(newest.term, this.#term) < 0) return;
    this.#term = newest.term;
    this.#notes.leader(newest);
  }

  #noteClocks(offsets: ClocksNote): void {
    if (this.#notes.clocks !== undefined && this.#clockNotes.due(offsets, this.#run.clock.now())) this.#notes.clocks(offsets);
  }
}
