/**
 * A snapshot: what the chosen commands up to a slot have made of the state machine, as texts of bounded size (its parts), so that no step has to write or read all of it at once. The
 * first part says what there is; the last is told by its number. Content: the slot, all keys, all sessions with the replies that their clients may ask for again.
 */
import { checksum } from './checksum.js';
import { createMachine, type Cell, type DedupeMode, type Machine, type Session } from './machine.js';
import type { Json, Membership, Reply, Slot } from './types.js';

/** The format of the parts. */
const FORMAT = 1;
/** A part is closed when it has so many characters. */
const PART_CHARACTERS = 64 * 1024;
/** Longer lists are cut into pieces. */
const LIST_PIECE = 1000;

/** A whole snapshot. */
export interface Snapshot {
  readonly slot: Slot;
  readonly parts: readonly string[];
  /** Of the slot and all parts: names the snapshot. */
  readonly digest: string;
}

interface Header {
  readonly format: typeof FORMAT;
  readonly slot: Slot;
  readonly keys: number;
  readonly sessions: number;
  /** If they have ever changed. */
  readonly members?: Membership;
}

/** A part after the first holds some of these. Pieces of a list follow each other. */
interface Part {
  readonly cells?: readonly (readonly [key: string, value: Json])[];
  readonly lists?: readonly (readonly [key: string, elements: readonly Json[]])[];
  readonly sessions?: readonly (readonly [id: number, usedAt: Slot, firstUnacked: number, replies: readonly (readonly [seq: number, reply: Reply])[]])[];
}

/** The name of a snapshot whose parts have these checksums. They are given, and not the parts: whoever has all parts has had them one after another, and must not stand still for all of them at once. */
export function digestOf(slot: Slot, sums: readonly string[]): string {
  return checksum(JSON.stringify([slot, sums]));
}

/** Freezes the machine, and gives its parts as it is now, one after another, while it goes on. With the last it is thawed. `replies` false: without those of the sessions (a bug). */
export function takeParts(machine: Machine, slot: Slot, replies = true): Iterable<string> & Iterator<string> {
  const header: Header = { format: FORMAT, slot, keys: machine.cells.size, sessions: machine.sessions.size, ...(machine.members === undefined ? {} : { members: machine.members }) };
  const cells = machine.cells.freeze();
  const sessions = machine.sessions.freeze();
  // Nothing of a generator runs before it is asked for its first value: the freezing is not left to it.
  return partsOf(machine, header, cells, sessions, replies);
}

/** Builds a machine from the parts of a snapshot, one after another. */
export class SnapshotReader {
  readonly #machine: Machine;
  readonly #slot: Slot;
  #header: Header | undefined;

  constructor(slot: Slot, dedupe: DedupeMode) {
    this.#slot = slot;
    this.#machine = createMachine(dedupe);
  }

  /** Takes the next part. Throws Error for what is no part of a snapshot of the slot. */
  take(text: string): void {
    if (this.#header === undefined) {
      const header = JSON.parse(text) as Partial<Header>;
      if (header.format !== FORMAT || header.slot !== this.#slot) throw new Error(`this is no snapshot of slot ${this.#slot} in format ${FORMAT}: ${text.slice(0, 100)}`);
      this.#header = header as Header;
      this.#machine.members = this.#header.members;
      return;
    }
    const { cells = [], lists = [], sessions = [] } = JSON.parse(text) as Part;
    for (const [key, value] of cells) this.#machine.cells.set(key, { value });
    for (const [key, elements] of lists) this.#extend(key, elements);
    for (const [id, usedAt, firstUnacked, replies] of sessions) this.#machine.sessions.set(id, { usedAt, firstUnacked, replies: new Map(replies) });
  }

  /** The machine, when all parts are taken. Throws Error if something is missing. */
  finish(): Machine {
    const { cells, sessions } = this.#machine;
    if (this.#header?.keys !== cells.size || this.#header.sessions !== sessions.size) {
      throw new Error(`a snapshot of slot ${this.#slot} is not whole: ${cells.size} of ${this.#header?.keys ?? '?'} keys, ${sessions.size} of ${this.#header?.sessions ?? '?'} sessions`);
    }
    return this.#machine;
  }

  #extend(key: string, elements: readonly Json[]): void {
    const cell = this.#machine.cells.get(key);
    const list = cell !== undefined && 'list' in cell ? cell.list : [];
    list.push(...elements);
    this.#machine.cells.set(key, { list, length: list.length });
  }
}

/** The machine that a snapshot holds. Throws Error if it holds none. */
export function machineOf({ slot, parts }: Pick<Snapshot, 'slot' | 'parts'>, dedupe: DedupeMode): Machine {
  const reader = new SnapshotReader(slot, dedupe);
  for (const part of parts) reader.take(part);
  return reader.finish();
}

function* partsOf(machine: Machine, header: Header, cells: ReadonlyMap<string, Cell>, sessions: ReadonlyMap<number, Session>, replies: boolean): Generator<string, void, undefined> {
  yield JSON.stringify(header);
  yield* joined('cells', plainCells(cells));
  yield* joined('lists', listPieces(cells));
  yield* joined('sessions', sessionTexts(sessions, replies));
  machine.cells.thaw();
  machine.sessions.thaw();
}

/** Joins texts to parts of the usual size, each a JSON object with one member. */
function* joined(name: keyof Part, texts: Iterable<string>): Generator<string, void, undefined> {
  let batch: string[] = [];
  let size = 0;
  for (const text of texts) {
    batch.push(text);
    size += text.length;
    if (size < PART_CHARACTERS) continue;
    yield `{"${name}":[${batch.join(',')}]}`;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield `{"${name}":[${batch.join(',')}]}`;
}

function* plainCells(cells: ReadonlyMap<string, Cell>): Generator<string, void, undefined> {
  for (const [key, cell] of cells) if (!('list' in cell)) yield JSON.stringify([key, cell.value]);
}

function* listPieces(cells: ReadonlyMap<string, Cell>): Generator<string, void, undefined> {
  for (const [key, cell] of cells) {
    if (!('list' in cell)) continue;
    for (let from = 0; from < cell.length; ) {
      const texts: string[] = [];
      for (let size = 0; from < cell.length && texts.length < LIST_PIECE && size < PART_CHARACTERS; from++) size += texts[texts.push(JSON.stringify(cell.list[from])) - 1]?.length ?? 0;
      yield `[${JSON.stringify(key)},[${texts.join(',')}]]`;
    }
  }
}

function* sessionTexts(sessions: ReadonlyMap<number, Session>, withReplies: boolean): Generator<string, void, undefined> {
  for (const [id, { usedAt, firstUnacked, replies }] of sessions) yield JSON.stringify([id, usedAt, firstUnacked, withReplies ? [...replies] : []]);
}
