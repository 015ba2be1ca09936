import type { Op } from '../../history/op.js';
import { NS_PER_MS, NS_PER_S, realClock, type Clock } from '../../time/clock.js';
import { clip, printable, showCount } from '../text.js';
import { painter, type Paint } from './style.js';
import { Tally } from './tally.js';

/** The phases of a run, in order. */
export type ProgressPhase = 'provision' | 'load' | 'heal' | 'core' | 'final' | 'done';

/** Where progress is written, and how. */
export interface ProgressOptions {
  /** Takes text as it is to appear, newlines included. */
  write(text: string): void;
  /** Whether it is a terminal, on which a block of lines can be drawn again and again. */
  readonly terminal: boolean;
  /** Its width in characters. */
  readonly columns: number;
  readonly color: boolean;
  /** Length of the load phase, milliseconds. */
  readonly totalMs: number;
  /** Default: real time. */
  readonly clock?: Clock;
}

const REDRAW_MS = 200;
const PLAIN_MS = 5_000;
/** The rate shown is that of about the last second. */
const RATE_NS = NS_PER_S;
const LABELS: Readonly<Record<ProgressPhase, string>> = {
  provision: 'starting the cluster',
  load: 'load',
  heal: 'healing all faults',
  core: 'a quorum alone',
  final: 'final operations',
  done: 'done',
};

/** Live progress of a run: on a terminal one block that is redrawn, elsewhere a line every 5 s and on each change of phase. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #clock: Clock;
  readonly #paint: Paint;
  readonly #tally = new Tally();
  readonly #timer: NodeJS.Timeout;
  #phase: ProgressPhase | undefined;
  #phaseStarted = 0;
  #drawn = 0;
  #rate = 0;
  #sample = { time: 0, done: 0 };
  #ended = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock();
    this.#paint = painter(options.color);
    this.#timer = setInterval(() => this.#tick(), options.terminal ? REDRAW_MS : PLAIN_MS);
    this.#timer.unref();
  }

  phase(name: ProgressPhase): void {
    this.#phase = name;
    this.#phaseStarted = this.#clock.now();
    this.#tick();
  }

  /** Takes an event. Draws nothing: that is the timer's. */
  event(op: Op): void {
    this.#tally.add(op);
  }

  /** Stops; the block is removed, so that the summary takes its place. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    if (this.#options.terminal) this.#options.write(this.#erase());
  }

  #tick(): void {
    if (this.#phase === undefined || this.#ended) return;
    this.#measure();
    if (!this.#options.terminal) {
      this.#options.write(`${this.#line(this.#phase)}\n`);
      return;
    }
    const lines = this.#block(this.#phase);
    this.#options.write(`${this.#erase()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #measure(): void {
    const now = this.#clock.now();
    const { ok, fail, info } = this.#tally;
    const done = ok + fail + info;
    const elapsed = now - this.#sample.time;
    if (elapsed < RATE_NS) return;
    this.#rate = ((done - this.#sample.done) * NS_PER_S) / elapsed;
    this.#sample = { time: now, done };
  }

  #erase(): string {
    const { columns } = this.#options;
    const up = columns > 0 && this.#drawn > 0 ? `\u001b[${this.#drawn}A` : '';
    this.#drawn = 0;
    return up === '' ? '' : `${up}\r\u001b[J`;
  }

  #elapsedMs(): number {
    return (this.#clock.now() - this.#phaseStarted) / NS_PER_MS;
  }

  /** For logs: everything on one line, however long. */
  #line(phase: ProgressPhase): string {
    const { leader, faults } = this.#tally;
    const time = phase === 'load' ? ` ${seconds(this.#elapsedMs())} of ${seconds(this.#options.totalMs)}` : '';
    const leads = leader === undefined ? 'no leader seen' : `leader ${leader.node}`;
    const inForce = [...faults.values()].map(({ words }) => words).join('; ') || 'none';
    const counts = phase === 'provision' ? '' : `  ${this.#counts().join(', ')}  ${leads}  faults: ${inForce}`;
    return printable(`${LABELS[phase]}${time}${counts}`);
  }

  #block(phase: ProgressPhase): readonly string[] {
    const tally = this.#tally;
    const events = tally.recent(3).map(({ time, words }) => `${at(time)}  ${words}`);
    const faults = [...tally.faults.values()].map(({ time, words }) => `${words}, for ${seconds((tally.time - time) / NS_PER_MS)}`);
    const leader = tally.leader === undefined ? 'none seen' : `${tally.leader.node} (term ${tally.leader.term})${tally.leaders > 1 ? `, change ${tally.leaders - 1}` : ''}`;
    return [
      ...this.#rows('phase', [this.#bar(phase)]),
      ...this.#rows('ops', [this.#counts().join('  ')]),
      ...this.#rows('leader', [leader]),
      ...this.#rows('faults', faults.length === 0 ? ['none in force'] : faults),
      ...this.#rows('events', events.length === 0 ? ['none yet'] : events),
    ];
  }

  /** A label and what belongs to it. One character is left free: a terminal may wrap at its last column. */
  #rows(label: string, texts: readonly string[]): readonly string[] {
    const room = Math.max(8, this.#options.columns - 1) - 8;
    return texts.map((text, i) => `${this.#paint('dim', (i === 0 ? label : '').padEnd(8))}${clip(printable(text), room)}`);
  }

  #bar(phase: ProgressPhase): string {
    const elapsed = this.#elapsedMs();
    if (phase !== 'load') return `${LABELS[phase]}  ${seconds(elapsed)}`;
    const share = Math.min(1, this.#options.totalMs <= 0 ? 1 : elapsed / this.#options.totalMs);
    const width = Math.max(0, Math.min(30, this.#options.columns - 42));
    const filled = Math.round(share * width);
    return `load  ${'█'.repeat(filled)}${'░'.repeat(width - filled)}  ${seconds(elapsed)} of ${seconds(this.#options.totalMs)}, ${seconds(Math.max(0, this.#options.totalMs - elapsed))} left`;
  }

  #counts(): readonly string[] {
    const { ok, fail, info, open } = this.#tally;
    return [`${showCount(ok)} ok`, `${showCount(fail)} fail`, `${showCount(info)} unknown`, `${showCount(open)} open`, `${showCount(this.#rate)}/s`];
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

function at(time: number): string {
  return `${(time / NS_PER_S).toFixed(1).padStart(6)} s`;
}
