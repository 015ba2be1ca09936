import { canonical } from '../shared/canonical.js';
import { showValue } from '../shared/words.js';
import type { Model } from '../linearizable/model.js';
import type { Contradiction, Engine, Pending } from './engine.js';
import { roleOf } from './roles.js';

/** A value that may still be seen: the initial one, or what an open, crashed or successful mutation puts. */
interface Live {
  readonly value: unknown;
  /** Invocation of its mutation; -1: it is the initial value. */
  readonly index: number;
  /** What its mutation has to find, if that is a cas. */
  readonly needs: { readonly value: unknown } | undefined;
  /** Undefined until its mutation is known to have happened: it succeeded, or its value was seen. */
  block: Block | undefined;
  /** Invocation of the cas that consumed it; -1: none. */
  consumer: number;
  /** When that was known to have happened: the first completion of an operation that comes after every read of this value. Infinity: never. */
  deadline: number;
}

/** A write or the initial state, and everything that built on its value by cas: no other mutation can stand between. */
interface Block {
  /** The first completion of a member, and the latest invocation of one. */
  readonly first: number;
  last: number;
  readonly values: Set<Live>;
}

/** Rough size of a value with its block, and of an open operation; bytes. */
const VALUE_BYTES = 300;
const OPEN_BYTES = 150;

/**
 * Watches a register of unique values: the conditions of Gibbons & Korach (see linearizable/unique.ts), kept up to date event by event. Times are indices of events.
 *
 * A block exists from its first completion on, and then has an end `first`, which never changes, and a beginning `last`, which only grows. A prefix
 * is linearizable exactly if every value seen was put by a mutation invoked before and not failed, none is consumed twice, no reader of a
 * value began after the value's deadline, and no two blocks cross: A and B cross if first(A) < last(B) and first(B) < last(A). Only a block whose `last` grows can
 * begin to cross: a block that is born by a completion has its `first` after every invocation there is. Operations that are open or crashed count as soon as their value is seen.
 *
 * What is forgotten. Let e be the earliest invocation of an open operation, so that whatever completes later began at e or after.
 * - A value whose deadline is before e: every later reader would begin after the deadline.
 * - A block B for which some A has first(A) < e and last(A) > first(B): a later member of B would make last(B) >= e > first(A), so that the two cross.
 * So whoever sees a forgotten value later is a contradiction, just as one that nobody put. Nor is B missed as a partner: a block that could come to cross B has its
 * `first` before last(B), and so it exists when B goes; if last(B) <= last(A) then A tells that it goes too; otherwise, as A and B do
 * not cross, last(B) <= first(A) < e, and since first(B) < last(A) < last(B) it goes by B itself. Blocks are judged together, before any is removed.
 * What stays are blocks whose first completion is after e, and blocks that were all open at one time: as many as there are clients, and the values of the time that the slowest operation takes.
 *
 * A value that is put again after it was forgotten is another value to all that is open, and so no repetition.
 */
export class UniqueEngine implements Engine {
  readonly #model: Model<unknown>;
  readonly #live = new Map<unknown, Live>();
  readonly #blocks = new Set<Block>();
  /** In order of invocation, with the value it puts, if any. */
  readonly #open = new Map<Pending, Live | undefined>();
  #givenUp: string | undefined;

  constructor(model: Model<unknown>, initial: unknown) {
    this.#model = model;
    const live = this.#admit(model.init(initial), -1, undefined);
    this.#begin(live, -1, -1);
  }

  get givenUp(): string | undefined {
    return this.#givenUp;
  }

  get held(): number {
    return this.#live.size;
  }

  get bytes(): number {
    return VALUE_BYTES * this.#live.size + OPEN_BYTES * this.#open.size;
  }

  invoke(op: Pending): void {
    const role = roleOf(this.#model, op.f, op.argument);
    if (role === undefined) return this.#giveUp(`${op.f} is not an operation of a register`);
    if (role.kind === 'read') {
      this.#open.set(op, undefined);
      return;
    }
    if (this.#live.has(identity(role.makes))) return this.#giveUp('a value was written again while it might still be seen from before');
    this.#open.set(op, this.#admit(role.makes, op.index, role.kind === 'cas' ? { value: role.needs } : undefined));
  }

  ok(op: Pending, result: unknown, index: number): Contradiction | undefined {
    if (this.#givenUp !== undefined) return undefined;
    const made = this.#open.get(op);
    const found = made === undefined ? this.#see(result ?? null, op, index) : made.block === undefined ? this.#happen(made, index) : undefined;
    this.#close(op);
    return found;
  }

  fail(op: Pending): Contradiction | undefined {
    const made = this.#open.get(op);
    this.#close(op);
    if (made === undefined) return undefined;
    if (made.block !== undefined) return { message: `${op.f} ${showValue(op.argument)} (#${op.index}) failed, but its value ${showValue(made.value)} had been seen`, ops: [op.index] };
    this.#live.delete(identity(made.value));
    return undefined;
  }

  info(op: Pending): void {
    // The value of a crashed mutation stays, until it is seen and then overwritten.
    this.#close(op);
  }

  #see(value: unknown, op: Pending, index: number): Contradiction | undefined {
    const live = this.#live.get(identity(value));
    const what = `${op.f} ${showValue(value)} (#${op.index}–#${index})`;
    if (live === undefined) return { message: `${what}: no operation that this one may have seen put that value: it was never written, its write failed, or it had been overwritten for certain before this began`, ops: [op.index] };
    if (op.index > live.deadline) return { message: `${what} began after that value was gone: a cas (#${live.consumer}) had replaced it by #${live.deadline}`, ops: [live.consumer, live.deadline, op.index] };
    const unseen = live.block === undefined ? this.#happen(live, index) : undefined;
    return unseen ?? (live.block === undefined ? undefined : this.#join(live.block, op.index, what));
  }

  /** The mutation of a value is now known to have happened, and with it every cas that the value can only come of. */
  #happen(seen: Live, index: number): Contradiction | undefined {
    const chain: Live[] = [];
    let root = seen;
    while (root.block === undefined) {
      if (chain.includes(root)) return { message: `the cas that began at #${root.index} could only follow itself`, ops: chain.map((live) => live.index) };
      chain.push(root);
      if (root.needs === undefined) break;
      const source = this.#consume(root, root.needs.value, index);
      if ('message' in source) return source;
      root = source;
    }
    const last = Math.max(...chain.map((live) => live.index));
    const block = root.block ?? this.#begin(root, index, last);
    for (const live of chain) {
      live.block = block;
      block.values.add(live);
    }
    return this.#join(block, last, `${showValue(seen.value)}, put by #${seen.index} and known at #${index}`);
  }

  /** The value that a cas must have found, marked as taken. */
  #consume(cas: Live, value: unknown, index: number): Live | Contradiction {
    const live = this.#live.get(identity(value));
    const what = `cas ${showValue(value)} → ${showValue(cas.value)} (#${cas.index}) must have happened by #${index}`;
    if (live === undefined) return { message: `${what}, but no operation that it may have seen put ${showValue(value)}: it was never written, its write failed, or it had been overwritten for certain`, ops: [cas.index] };
    if (live.consumer >= 0) return { message: `${what}, but another cas (#${live.consumer}) had taken the same value, which was written once`, ops: [live.consumer, cas.index] };
    live.consumer = cas.index;
    live.deadline = index;
    return live;
  }

  /** A member that was invoked at `begin` is added to a block. */
  #join(block: Block, begin: number, what: string): Contradiction | undefined {
    if (begin <= block.last) return undefined;
    block.last = begin;
    for (const other of this.#blocks) {
      if (other === block || other.last <= block.first || other.first >= block.last) continue;
      const ops = [block.first, block.last, other.first, other.last].filter((event) => event >= 0);
      return {
        message: `${what}: its value had been there by #${Math.max(0, block.first)} and still was at #${block.last}, but another value had been there by #${Math.max(0, other.first)} and still was at #${other.last}: each would have to be wholly before the other`,
        ops,
      };
    }
    return undefined;
  }

  #admit(value: unknown, index: number, needs: Live['needs']): Live {
    const live: Live = { value, index, needs, block: undefined, consumer: -1, deadline: Infinity };
    this.#live.set(identity(value), live);
    return live;
  }

  #begin(live: Live, first: number, last: number): Block {
    const block: Block = { first, last, values: new Set([live]) };
    live.block = block;
    this.#blocks.add(block);
    return block;
  }

  #close(op: Pending): void {
    const earliest = this.#open.keys().next().value;
    this.#open.delete(op);
    if (op === earliest) this.#forget(this.#open.keys().next().value?.index ?? Infinity);
  }

  /** Forgets what nobody can see any more who completes from now on; all of them began at `horizon` or later. */
  #forget(horizon: number): void {
    let [latest, second] = [-Infinity, -Infinity];
    for (const { first, last } of this.#blocks) {
      if (first >= horizon) continue;
      if (last > latest) [latest, second] = [last, latest];
      else if (last > second) second = last;
    }
    for (const block of this.#blocks) {
      const others = block.first < horizon && block.last === latest ? second : latest;
      const gone = others > block.first;
      for (const live of block.values) {
        if (!gone && live.deadline >= horizon) continue;
        block.values.delete(live);
        this.#live.delete(identity(live.value));
      }
      if (gone) this.#blocks.delete(block);
    }
  }

  #giveUp(reason: string): void {
    this.#givenUp = reason;
    this.#live.clear();
    this.#blocks.clear();
    this.#open.clear();
  }
}

/** Equal exactly for deeply equal values. Numbers stand for themselves. */
function identity(value: unknown): unknown {
  return typeof value === 'number' ? value : canonical(value);
}
