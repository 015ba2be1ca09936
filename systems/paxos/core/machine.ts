/**
 * The replicated state machine: keys with JSON values, and client sessions. Everything in it is a function of the
 * commands applied and their slots, so that equal prefixes give equal states on every node.
 *
 * Sessions make retries exactly-once (Ongaro, dissertation, 6.3): a session's id is the slot of the command that opened
 * it; the reply to every update is kept until the client says that it has it, and a command whose sequence number was
 * executed before gets the first reply again. That is decided here, when a command is applied, since copies of one
 * command may stand in several slots.
 */
import { CowMap } from './cow-map.js';
import { isList, jsonEqual } from './json.js';
import type { Command, Json, Membership, Operation, Reply, SessionRef, Slot } from './types.js';

/** Replies that a session may have outstanding; more are refused, so that no client can fill the memory of all nodes. */
export const MAX_STORED_REPLIES = 1024;

/** Sessions that are open at a time: opening one more closes those that were not used for longest. A closed session's number is never given again. */
export const MAX_SESSIONS = 16_384;
/** The part of them that is closed at once. */
const CLOSED_AT_ONCE = 1 / 8;

/** What a key holds; never changed in place. A list that appends have made is shared by the cells of one key, each of which sees it up to its length. */
export type Cell = { readonly value: Json } | { readonly list: Json[]; readonly length: number };

/** A client's session; never changed in place. */
export interface Session {
  /** The slot of its latest command. */
  readonly usedAt: Slot;
  readonly firstUnacked: number;
  readonly replies: ReadonlyMap<number, Reply>;
}

/** How retries are treated: their first reply is given again; or, with bugs, they are executed again, or answered by what their execution would say now. */
export type DedupeMode = 'first-reply' | 'none' | 'reply-of-now';

/** The state, and how often a retry was recognized. */
export interface Machine {
  readonly cells: CowMap<string, Cell>;
  readonly sessions: CowMap<number, Session>;
  /** The members, if they have ever changed. */
  members: Membership | undefined;
  readonly dedupe: DedupeMode;
  dedupeHits: number;
}

/** An empty machine. */
export function createMachine(dedupe: DedupeMode = 'first-reply'): Machine {
  return { cells: new CowMap(), sessions: new CowMap(), members: undefined, dedupe, dedupeHits: 0 };
}

/** Executes the command of a slot. To be called once for every slot, in order. */
export function applyCommand(machine: Machine, slot: Slot, command: Command): Reply {
  switch (command.kind) {
    case 'noop':
      return { ok: true, value: null };
    case 'reconfigure':
      if (command.membership.epoch !== (machine.members?.epoch ?? 0) + 1) return refusal('unavailable', 'the members had been changed by somebody else before', true);
      machine.members = command.membership;
      return { ok: true, value: command.membership as unknown as Json };
    case 'open-session':
      if (machine.sessions.size >= MAX_SESSIONS) closeUnused(machine);
      machine.sessions.set(slot, { usedAt: slot, firstUnacked: 1, replies: new Map() });
      return { ok: true, value: slot };
    case 'operation':
      if (command.session === undefined || command.op.f === 'read') return execute(machine, command.op);
      return applyOnce(machine, slot, command.op, command.session);
  }
}

/** What the key holds now, as a value that later commands do not change. */
export function readKey(machine: Machine, key: string): Extract<Reply, { ok: true }> {
  const cell = machine.cells.get(key);
  return { ok: true, value: cell === undefined ? null : contentOf(cell) };
}

/** What a cell holds, as a value that later commands do not change. */
export function contentOf(cell: Cell): Json {
  return 'list' in cell ? cell.list.slice(0, cell.length) : cell.value;
}

/** The reply that the session's command got when it was applied, if it was and the reply is still kept. */
export function storedReply(machine: Machine, session: SessionRef): Reply | undefined {
  if (machine.dedupe !== 'first-reply') return undefined;
  return machine.sessions.get(session.id)?.replies.get(session.seq);
}

/** The whole state as text, equal for equal states: for comparing replicas in tests. */
export function machineText(machine: Machine): string {
  const cells = [...machine.cells].map(([key, cell]) => [key, contentOf(cell)] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const sessions = [...machine.sessions].map(([id, { usedAt, firstUnacked, replies }]) => [id, usedAt, firstUnacked, [...replies].sort(([a], [b]) => a - b)] as const).sort(([a], [b]) => a - b);
  return JSON.stringify({ cells, sessions, members: machine.members });
}

function applyOnce(machine: Machine, slot: Slot, op: Operation, ref: SessionRef): Reply {
  const session = machine.sessions.get(ref.id);
  if (session === undefined) {
    // An earlier copy may have been executed while the session was open.
    return refusal('session-expired', `no session ${ref.id}: whether the command was executed before it was closed is not known any more; open a new one`, false);
  }
  if (machine.dedupe === 'none') return execute(machine, op);
  const firstUnacked = Math.max(session.firstUnacked, ref.firstUnacked);
  const replies = new Map<number, Reply>();
  for (const [seq, reply] of session.replies) if (seq >= firstUnacked) replies.set(seq, reply);
  machine.sessions.set(ref.id, { usedAt: slot, firstUnacked, replies });
  const stored = replies.get(ref.seq);
  if (stored !== undefined) {
    machine.dedupeHits++;
    return machine.dedupe === 'reply-of-now' && op.f === 'cas' ? casReply(machine, op.key, op.from) : stored;
  }
  if (ref.seq < firstUnacked) {
    machine.dedupeHits++;
    return refusal('unknown', `the client has acknowledged the reply to ${ref.seq}; it is no longer kept`, false);
  }
  if (replies.size >= MAX_STORED_REPLIES) {
    // That answer is not kept either: another copy of the command may be executed when there is room.
    return refusal('overloaded', `session ${ref.id} has ${MAX_STORED_REPLIES} unacknowledged replies`, false);
  }
  const reply = execute(machine, op);
  // The session holds this very map, which nobody else has seen yet.
  replies.set(ref.seq, reply);
  return reply;
}

/** By slots, not by anybody's clock: so all nodes close the same. */
function closeUnused(machine: Machine): void {
  const byUse = [...machine.sessions].sort(([, a], [, b]) => a.usedAt - b.usedAt);
  for (const [id] of byUse.slice(0, Math.ceil(MAX_SESSIONS * CLOSED_AT_ONCE))) machine.sessions.delete(id);
}

function execute(machine: Machine, op: Operation): Reply {
  switch (op.f) {
    case 'read':
      return readKey(machine, op.key);
    case 'write':
      machine.cells.set(op.key, { value: op.value });
      return { ok: true, value: null };
    case 'cas':
      return compareAndSet(machine, op.key, op.from, op.to);
    case 'append':
      return append(machine, op.key, op.value);
    case 'add':
      return add(machine, op.key, op.value);
  }
}

function compareAndSet(machine: Machine, key: string, from: Json, to: Json): Reply {
  const reply = casReply(machine, key, from);
  if (reply.ok) machine.cells.set(key, { value: to });
  return reply;
}

/** What a compare-and-set would say now. */
function casReply(machine: Machine, key: string, from: Json): Reply {
  const cell = machine.cells.get(key);
  const found = cell === undefined ? null : 'list' in cell ? cell.list : cell.value;
  if (jsonEqual(found, from)) return { ok: true, value: null };
  const actual = cell === undefined ? null : contentOf(cell);
  return { ...refusal('cas-mismatch', 'the key holds another value', true), actual };
}

function append(machine: Machine, key: string, element: Json): Reply {
  const cell = machine.cells.get(key) ?? { value: null };
  let list: Json[];
  if ('list' in cell) list = cell.list;
  else if (cell.value === null) list = [];
  else if (isList(cell.value)) list = [...cell.value];
  else return refusal('wrong-type', `${key} does not hold a list`, true);
  list.push(element);
  machine.cells.set(key, { list, length: list.length });
  return { ok: true, value: list.length };
}

function add(machine: Machine, key: string, amount: number): Reply {
  const cell = machine.cells.get(key) ?? { value: null };
  const value = 'list' in cell ? cell.list : cell.value;
  if (value !== null && typeof value !== 'number') return refusal('wrong-type', `${key} does not hold a number`, true);
  const sum = (value ?? 0) + amount;
  if (!Number.isFinite(sum)) return refusal('wrong-type', `${key} would leave the range of numbers`, true);
  machine.cells.set(key, { value: sum });
  return { ok: true, value: sum };
}

function refusal(
  code: 'cas-mismatch' | 'wrong-type' | 'session-expired' | 'overloaded' | 'unavailable' | 'unknown',
  message: string,
  definite: boolean,
): Extract<Reply, { ok: false }> {
  return { ok: false, code, message, definite };
}
