import type { Command, Recovered, Slot, WalRecord } from '../../core/index.js';

const BALLOT = { round: 1, node: 1 };

/** What a node was told to keep, and what of it it said that it keeps. */
export class Ledger {
  /** By slot, from 1 on without gaps. */
  #values: string[] = [];
  #rounds = 0;
  /** What was acknowledged. */
  #slots = new Set<Slot>();
  #round = 0;

  get last(): Slot {
    return this.#values.length;
  }

  /** Accepts a value in the next slot. */
  accept(value: string): readonly WalRecord[] {
    this.#values.push(value);
    return [this.#accepted(this.last), { type: 'chosen', upTo: this.last }];
  }

  /** Promises a higher ballot. */
  promise(): WalRecord {
    return { type: 'promised', ballot: { round: ++this.#rounds, node: 1 } };
  }

  /** Gets values from elsewhere. */
  learn(values: readonly string[]): void {
    this.#values.push(...values);
  }

  /** What a start needs besides a snapshot of the slot. */
  checkpoint(slot: Slot): readonly WalRecord[] {
    return [this.promise(), ...this.#values.slice(slot).map((_, i) => this.#accepted(slot + 1 + i))];
  }

  snapshot(slot: Slot): string {
    return JSON.stringify(this.#values.slice(0, slot));
  }

  /** What tells that everything is acknowledged that was accepted and promised by now. */
  acknowledgement(): () => void {
    const [last, round] = [this.last, this.#rounds];
    return () => {
      this.acknowledgeUpTo(last);
      this.#round = Math.max(this.#round, round);
    };
  }

  acknowledgeUpTo(last: Slot): void {
    for (let slot = last; slot > 0 && !this.#slots.has(slot); slot--) this.#slots.add(slot);
  }

  /** What is wrong with what a start has found; undefined: nothing, and from then on it is what there is. */
  problemWith({ snapshot, records }: Recovered): string | undefined {
    const held = new Map<Slot, string>((JSON.parse(snapshot?.parts.join('') ?? '[]') as readonly string[]).map((value, i) => [i + 1, value]));
    if (held.size !== (snapshot?.slot ?? 0)) return `the snapshot of slot ${snapshot?.slot} holds ${held.size} slots`;
    let round = 0;
    for (const record of records) {
      if (record.type === 'promised') round = Math.max(round, record.ballot.round);
      if (record.type === 'accepted') held.set(record.slot, valueOf(record.command));
    }
    for (const [slot, value] of held) if (value !== this.#values[slot - 1]) return `slot ${slot} holds ${value.slice(0, 40)}, which is not what was accepted`;
    const lost = [...this.#slots].find((slot) => !held.has(slot));
    if (lost !== undefined) return `slot ${lost} was acknowledged, and is lost`;
    if (round < this.#round || round > this.#rounds) return `ballot ${this.#round} was promised, and ${round} is found`;
    const last = Math.max(0, ...held.keys());
    if (last !== held.size) return `of ${last} slots ${held.size} are there`;
    this.#values = this.#values.slice(0, last);
    this.#rounds = round;
    return undefined;
  }

  #accepted(slot: Slot): WalRecord {
    return { type: 'accepted', slot, ballot: BALLOT, command: { kind: 'operation', op: { f: 'write', key: 'k', value: this.#values[slot - 1] ?? '' } } };
  }
}

function valueOf(command: Command): string {
  return command.kind === 'operation' && command.op.f === 'write' && typeof command.op.value === 'string' ? command.op.value : `a ${command.kind}`;
}
