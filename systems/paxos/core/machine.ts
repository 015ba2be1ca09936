/**
 * The replicated state machine: keys with JSON values, and client sessions. Everything in it is a function of the
 * commands applied and their slots, so that equal prefixes give equal states on every node.
 *
 * Sessions make retries exactly-once (Ongaro, dissertation, 6.3): a session's id is the slot of the command that opened
 * it; the reply to every update is kept until the client says that it has it, and a command whose sequence number was
 * executed before gets the first reply again. That is decided here, when a command is applied, since copies of one
 * command may stand in several slots.
 */
import { isList, jsonEqual } from './json.js';
import type { Command, Json, Operation, Reply, SessionRef, Slot } from './types.js';

/** Replies that a session may have outstanding; more are refused, so that no client can fill the memory of all nodes. */
export const MAX_STORED_REPLIES = 1024;

interface Cell {
  value: Json;
  /** The list that appends may push to: it is this cell's own, no command or reply refers to it. */
  list?: Json[];
}

interface Session {
  firstUnacked: number;
  readonly replies: Map<number, Reply>;
}

/** How retries are treated: their first reply is given again; or, with bugs, they are executed again, or answered by what their execution would say now. */
export type DedupeMode = 'first-reply' | 'none' | 'reply-of-now';

/** The state, and how often a retry was recognized. */
export interface Machine {
  readonly cells: Map<string, Cell>;
  readonly sessions: Map<number, Session>;
  readonly dedupe: DedupeMode;
  dedupeHits: number;
}

/** An empty machine. */
export function createMachine(dedupe: DedupeMode = 'first-reply'): Machine {
  return { cells: new Map(), sessions: new Map(), dedupe, dedupeHits: 0 };
}

/** Executes the command of a slot. To be called once for every slot, in order. */
export function applyCommand(machine: Machine, slot: Slot, command: Command): Reply {
  switch (command.kind) {
    case 'noop':
      return { ok: true, value: null };
    case 'open-session':
      machine.sessions.set(slot, { firstUnacked: 1, replies: new Map() });
      return { ok: true, value: slot };
    case 'operation':
      if (command.session === undefined || command.op.f === 'read') return execute(machine, command.op);
      return applyOnce(machine, command.op, command.session);
  }
}

/** What the key holds now, as a value that later commands do not change. */
export function readKey(machine: Machine, key: string): Extract<Reply, { ok: true }> {
  const cell = machine.cells.get(key);
  if (cell === undefined) return { ok: true, value: null };
  return { ok: true, value: cell.list === undefined ? cell.value : [...cell.list] };
}

/** The reply that the session's command got when it was applied, if it was and the reply is still kept. */
export function storedReply(machine: Machine, session: SessionRef): Reply | undefined {
  if (machine.dedupe !== 'first-reply') return undefined;
  return machine.sessions.get(session.id)?.replies.get(session.seq);
}

/** The whole state as text, equal for equal states: for comparing replicas in tests. */
export function machineText(machine: Machine): string {
  const cells = [...machine.cells].map(([key, cell]) => [key, cell.list ?? cell.value]);
  const sessions = [...machine.sessions].map(([id, session]) => [id, session.firstUnacked, [...session.replies]]);
  return JSON.stringify({ cells, sessions });
}

function applyOnce(machine: Machine, op: Operation, ref: SessionRef): Reply {
  const session = machine.sessions.get(ref.id);
  if (session === undefined) {
    return refusal('session-expired', `no session ${ref.id}; open a new one`, true);
  }
  if (machine.dedupe === 'none') return execute(machine, op);
  forgetAcknowledged(session, ref.firstUnacked);
  const stored = session.replies.get(ref.seq);
  if (stored !== undefined) {
    machine.dedupeHits++;
    return machine.dedupe === 'reply-of-now' && op.f === 'cas' ? casReply(machine, op.key, op.from) : stored;
  }
  if (ref.seq < session.firstUnacked) {
    machine.dedupeHits++;
    return refusal('unknown', `the client has acknowledged the reply to ${ref.seq}; it is no longer kept`, false);
  }
  if (session.replies.size >= MAX_STORED_REPLIES) {
    return refusal('overloaded', `session ${ref.id} has ${MAX_STORED_REPLIES} unacknowledged replies`, true);
  }
  const reply = execute(machine, op);
  session.replies.set(ref.seq, reply);
  return reply;
}

function forgetAcknowledged(session: Session, firstUnacked: number): void {
  if (firstUnacked <= session.firstUnacked) return;
  session.firstUnacked = firstUnacked;
  for (const seq of session.replies.keys()) if (seq < firstUnacked) session.replies.delete(seq);
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
  const found = cell === undefined ? null : (cell.list ?? cell.value);
  if (jsonEqual(found, from)) return { ok: true, value: null };
  const actual = cell?.list === undefined ? found : [...cell.list];
  return { ...refusal('cas-mismatch', 'the key holds another value', true), actual };
}

function append(machine: Machine, key: string, element: Json): Reply {
  let cell = machine.cells.get(key);
  if (cell?.list === undefined) {
    const found = cell?.value ?? null;
    if (found !== null && !isList(found)) return refusal('wrong-type', `${key} does not hold a list`, true);
    cell = { value: null, list: found === null ? [] : [...found] };
    machine.cells.set(key, cell);
  }
  const list = cell.list as Json[];
  list.push(element);
  return { ok: true, value: list.length };
}

function add(machine: Machine, key: string, amount: number): Reply {
  const found = machine.cells.get(key);
  const value = found?.list ?? found?.value ?? null;
  if (value !== null && typeof value !== 'number') return refusal('wrong-type', `${key} does not hold a number`, true);
  const sum = (value ?? 0) + amount;
  if (!Number.isFinite(sum)) return refusal('wrong-type', `${key} would leave the range of numbers`, true);
  machine.cells.set(key, { value: sum });
  return { ok: true, value: sum };
}

function refusal(
  code: 'cas-mismatch' | 'wrong-type' | 'session-expired' | 'overloaded' | 'unknown',
  message: string,
  definite: boolean,
): Extract<Reply, { ok: false }> {
  return { ok: false, code, message, definite };
}
