import type { Op } from '../../history/op.js';
import { faultNote, faultWords, leaderNote, nemesisOf, type LeaderNote } from '../notes.js';

/** Something worth a line while a run goes on. `time` in nanoseconds of the run. */
export interface Happening {
  readonly time: number;
  readonly words: string;
}

/** So many happenings are remembered. */
const REMEMBERED = 8;

/** Counts events as they come: a few additions for a client's event, more only for the rare ones of nemeses and the monitor. */
export class Tally {
  invoked = 0;
  ok = 0;
  fail = 0;
  info = 0;
  /** The time of the newest event, nanoseconds of the run. */
  time = 0;
  leader: LeaderNote | undefined;
  /** Leaders seen, the first one included. */
  leaders = 0;
  /** Faults in force, by nemesis. */
  readonly faults = new Map<string, Happening>();
  faultsStarted = 0;
  readonly #recent: Happening[] = [];

  get open(): number {
    return this.invoked - this.ok - this.fail - this.info;
  }

  /** The newest happenings, newest first. */
  recent(count: number): readonly Happening[] {
    return this.#recent.slice(-count).reverse();
  }

  add(op: Op): void {
    this.time = op.time;
    if (typeof op.process !== 'number') {
      this.#note(op);
      return;
    }
    switch (op.type) {
      case 'invoke': this.invoked += 1; return;
      case 'ok': this.ok += 1; return;
      case 'fail': this.fail += 1; return;
      case 'info': this.info += 1; return;
    }
  }

  #note(op: Op): void {
    const leader = leaderNote(op);
    if (leader !== undefined) {
      this.leader = leader;
      this.leaders += 1;
      this.#remember({ time: op.time, words: `${leader.node} leads (term ${leader.term})` });
      return;
    }
    const nemesis = nemesisOf(op);
    if (nemesis !== undefined && op.type !== 'invoke') this.#fault(nemesis, op);
  }

  #fault(nemesis: string, op: Op): void {
    const note = faultNote(op.value);
    if (op.error !== undefined || note === undefined) {
      this.#remember({ time: op.time, words: `${nemesis}: ${op.f} failed${op.error === undefined ? '' : `: ${op.error.message ?? op.error.code}`}` });
      return;
    }
    const words = faultWords(nemesis, note);
    if (op.f === 'start') {
      this.faultsStarted += 1;
      this.faults.set(nemesis, { time: op.time, words });
      this.#remember({ time: op.time, words: `begins: ${words}` });
      return;
    }
    this.faults.delete(nemesis);
    this.#remember({ time: op.time, words: `ends: ${words}${note.effect?.observed === false ? ', without effect' : ''}${note.healed?.observed === false ? ', not seen healed' : ''}` });
  }

  #remember(happening: Happening): void {
    this.#recent.push(happening);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
  }
}
