import type { AcceptedSlot, AcceptedValue } from './messages.js';
import type { Ballot, Command, Json, Slot } from './types.js';

/** What an acceptor holds in a slot. */
export interface LogEntry extends AcceptedValue {
  /** The persist effect that makes it durable; 0 if it was read from disk. */
  readonly lsn: number;
  /** Size of the command, JSON characters, roughly. */
  readonly characters: number;
}

/**
 * The slots of one node: what it has accepted, and how far it knows the log to be chosen. An entry's ballot is the one
 * it was accepted in; for chosen slots it is never lower than the ballot in which the value was first chosen.
 */
export class Log {
  /** The lowest slot that is kept; all below are chosen, and compacted. */
  first: Slot = 1;
  /** Everything up to here is chosen, and the entries up to here hold the chosen values. */
  chosenUpTo: Slot = 0;
  #entries: (LogEntry | undefined)[] = [];

  /** The highest slot with an entry, or first - 1. */
  get last(): Slot {
    return this.first + this.#entries.length - 1;
  }

  /** The entry of a slot, if there is one. */
  get(slot: Slot): LogEntry | undefined {
    return this.#entries[slot - this.first];
  }

  /** Replaces the entry of a slot. */
  set(slot: Slot, ballot: Ballot, command: Command, lsn: number): void {
    const index = slot - this.first;
    if (index < 0) throw new RangeError(`slot ${slot} is compacted; the log begins with ${this.first}`);
    while (this.#entries.length < index) this.#entries.push(undefined);
    this.#entries[index] = { ballot, command, lsn, characters: sizeOf(command) };
  }

  /** Forgets the slots up to one that is chosen; gives the number of those that it held. */
  compact(upTo: Slot): number {
    const dropped = upTo + 1 - this.first;
    if (dropped <= 0) return 0;
    const held = Math.min(dropped, this.#entries.length);
    this.#entries = this.#entries.slice(dropped);
    this.first = upTo + 1;
    return held;
  }

  /** Forgets everything above what is compacted. */
  clear(): void {
    this.#entries = [];
  }

  /** The entries from a slot on that exist, in slot order, as a promise reports them. */
  acceptedFrom(from: Slot): AcceptedSlot[] {
    const found: AcceptedSlot[] = [];
    for (let slot = Math.max(from, this.first); slot <= this.last; slot++) {
      const entry = this.get(slot);
      if (entry !== undefined) found.push({ slot, ballot: entry.ballot, command: entry.command });
    }
    return found;
  }
}

/** Limits of one message that carries commands: their number, and their size in JSON characters, roughly. */
export const BATCH_LIMIT = { commands: 512, characters: 1 << 20 } as const;

/** How many of the commands from `start` on fit into one message: one at least, however large it is. */
export function batchLength(commands: readonly Command[], start: number): number {
  let characters = 0;
  let count = 0;
  while (count < BATCH_LIMIT.commands && start + count < commands.length) {
    characters += sizeOf(commands[start + count] as Command);
    if (count > 0 && characters > BATCH_LIMIT.characters) break;
    count++;
  }
  return count;
}

/** JSON characters of a command without its small fixed parts, roughly; cheap for numbers and strings, which are the rule. */
export function sizeOf(command: Command): number {
  if (command.kind === 'reconfigure') return JSON.stringify(command).length;
  if (command.kind !== 'operation') return 0;
  const { op } = command;
  switch (op.f) {
    case 'read':
      return op.key.length;
    case 'write':
    case 'append':
    case 'add':
      return op.key.length + jsonSize(op.value);
    case 'cas':
      return op.key.length + jsonSize(op.from) + jsonSize(op.to);
  }
}

function jsonSize(value: Json): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8;
}
