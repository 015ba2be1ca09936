import type { ValueTable } from '../../src/index.js';
import type { Model } from './model.js';
import { PENDING, type ObjectHistory } from './object-history.js';

/**
 * Linearizability of a register whose written values are unique, in linear time however many clients there are and however many
 * operations are indeterminate. Reads and writes: Gibbons & Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997; zones: Golab, Li & Shah,
 * PODC 2011. Extended to compare-and-set.
 *
 * Why it is exact. A value is current during one stretch only, so that a write, its reads, the cas that consumes it, the reads of
 * that cas and so on form a *block* which no other mutator can enter, and whose inner order is forced up to the order of reads of one
 * value. A block is possible if none of its layers holds an operation that ended before one of an earlier layer began. Block A must precede block B if
 * some operation of A ended before some operation of B began: if f(A), the first end in A, lies before s(B), the last beginning in B. An
 * order exists if these demands have no cycle. In a cycle take the block M of largest s: every X of the cycle has f(X) < s(Y) <= s(M) for its successor
 * Y, hence must precede M; so does M's own successor, which M must precede: a cycle of two. So it is enough to look for pairs, and a
 * sweep over the zones between f and s finds them. An indeterminate mutator whose value no kept operation needs can be taken out of any
 * linearization: whatever follows it there is a write, which has no precondition.
 */
export type UniqueResult =
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly fault: UniqueFault };

/** What makes a history of unique values impossible; operations as numbers, values as ids. An indeterminate operation among them must have happened, as its value was seen. */
export type UniqueFault =
  /** A value was seen that nobody can have written. */
  | { readonly kind: 'never-written'; readonly seen: number; readonly value: number }
  /** Two cas succeeded on one value that was written once, by `writer` (-1: the initial value). */
  | { readonly kind: 'consumed-twice'; readonly first: number; readonly second: number; readonly value: number; readonly writer: number }
  /** Cas that each need the value of another one of them. */
  | { readonly kind: 'cas-cycle'; readonly cas: readonly number[] }
  /** `later` builds on a value that can only be there after `earlier`, but had ended before `earlier` began. `chain` leads from one to the other. */
  | { readonly kind: 'too-early'; readonly earlier: number; readonly later: number; readonly chain: readonly number[] }
  /** Each of two blocks would have to be wholly before the other. */
  | { readonly kind: 'crossed'; readonly a: BlockEnds; readonly b: BlockEnds };

/** The operations that decide where a block lies: the one that ended first, and the one that began last. */
export interface BlockEnds {
  /** -1: the initial value, there before everything. */
  readonly firstEnd: number;
  readonly lastBegin: number;
  /** The values that these two saw or wrote. */
  readonly firstValue: number;
  readonly lastValue: number;
  /** The mutators that lead from the earlier of the two in the block's order to the later, where the block begins included. */
  readonly chain: readonly number[];
}

const NONE = -1;
const READ = 0;
const WRITE = 1;
const CAS = 2;
const ROLES = { read: READ, write: WRITE, cas: CAS } as const;

/** Decides register histories of unique written values of one table, one after the other. The room it needs is shared among them. */
export class UniqueChecker {
  readonly #values: ValueTable;
  readonly #root: number;
  /** By index of name. */
  readonly #roles: Uint8Array;
  // By value; what is there counts only if the stamp is that of the history at hand.
  #stamp = new Int32Array(0);
  #writer = new Int32Array(0);
  #consumer = new Int32Array(0);
  #firstReader = new Int32Array(0);
  #epoch = 0;
  // By operation.
  #size = 0;
  #role = new Uint8Array(0);
  #needs = new Int32Array(0);
  #makes = new Int32Array(0);
  #nextReader = new Int32Array(0);
  #kept = new Uint8Array(0);
  #keptCount = 0;
  /** Indeterminate operation -> the one that shows that it happened. */
  readonly #proof = new Map<number, number>();
  // Blocks: -1 or the write they begin with, and their ends.
  readonly #blocks = new Blocks();
  #startsAt = new Int32Array(0);
  #inv: Int32Array = new Int32Array(0);
  #ret: Int32Array = new Int32Array(0);

  constructor(model: Pick<Model<unknown>, 'init' | 'register'>, initial: unknown, names: readonly string[], values: ValueTable) {
    this.#values = values;
    this.#root = values.id(model.init(initial));
    this.#roles = Uint8Array.from(names, (name) => ROLES[model.register?.[name] ?? 'read']);
  }

  /** The value of an id that a fault names. */
  value(id: number): unknown {
    return this.#values.value(id);
  }

  /** For an indeterminate operation of a fault: the one that saw its value, so that it must have happened. */
  proofOf(op: number): number | undefined {
    return this.#proof.get(op);
  }

  /** Not applicable if a value is written twice or is the initial one. */
  check(history: ObjectHistory): UniqueResult {
    this.#begin(history);
    const reason = this.#findWriters();
    if (reason !== undefined) return { kind: 'not-applicable', reason };
    const fault = this.#link() ?? this.#walkBlocks() ?? this.#sweep(history.positions);
    return fault === undefined ? { kind: 'valid' } : { kind: 'invalid', fault };
  }

  /** After a valid verdict: the kept operations in a possible order. */
  order(): readonly number[] {
    const { f, s, head, size } = this.#blocks;
    const start = (block: number): number => Math.min(f[block] as number, s[block] as number);
    const byStart = Array.from({ length: size }, (_, block) => block).sort((a, b) => start(a) - start(b));
    let ownerEnd = NONE;
    const placed = byStart.map((block) => {
      const [first, last] = [f[block] as number, s[block] as number];
      const inside = first >= last && last < ownerEnd;
      const at = first < last ? first : inside ? ownerEnd : last;
      if (first < last) ownerEnd = last;
      return { block, at, after: inside ? 1 : 0 };
    });
    placed.sort((a, b) => a.at - b.at || a.after - b.after || (s[a.block] as number) - (s[b.block] as number));
    return placed.flatMap(({ block }) => this.#members(head[block] as number));
  }

  #begin(history: ObjectHistory): void {
    const { size, inv, ret, f, argument, argument2, result, result2, values } = history;
    this.#size = size;
    this.#inv = inv;
    this.#ret = ret;
    if (this.#role.length < size) {
      const room = Math.max(size, 2 * this.#role.length);
      this.#role = new Uint8Array(room);
      this.#needs = new Int32Array(room);
      this.#makes = new Int32Array(room);
      this.#nextReader = new Int32Array(room);
      this.#kept = new Uint8Array(room);
    }
    const scalar = (first: number, second: number): number => (second < 0 ? first : values.id([values.value(first), values.value(second)]));
    for (let i = 0; i < size; i++) {
      const role = (this.#role[i] = this.#roles[f[i] as number] as number);
      this.#needs[i] = role === READ ? (ret[i] === PENDING ? NONE : scalar(result[i] as number, result2[i] as number)) : role === CAS ? (argument[i] as number) : NONE;
      this.#makes[i] = role === WRITE ? scalar(argument[i] as number, argument2[i] as number) : role === CAS ? (argument2[i] as number) : NONE;
      this.#kept[i] = 0;
    }
    if (this.#stamp.length < values.size) {
      this.#stamp = new Int32Array(values.size).fill(this.#epoch);
      this.#writer = new Int32Array(values.size);
      this.#consumer = new Int32Array(values.size);
      this.#firstReader = new Int32Array(values.size);
    }
    this.#epoch++;
    this.#keptCount = 0;
    this.#proof.clear();
    this.#blocks.clear();
  }

  /** Makes the columns of a value those of the history at hand. */
  #touch(value: number): void {
    if (this.#stamp[value] === this.#epoch) return;
    this.#stamp[value] = this.#epoch;
    this.#writer[value] = this.#consumer[value] = this.#firstReader[value] = NONE;
  }

  #findWriters(): string | undefined {
    const makes = this.#makes;
    this.#touch(this.#root);
    for (let i = 0; i < this.#size; i++) {
      const value = makes[i] as number;
      if (value === NONE) continue;
      if (value === this.#root) return 'the initial value is written again';
      this.#touch(value);
      if (this.#writer[value] !== NONE) return `the value ${JSON.stringify(this.value(value))} is written more than once`;
      this.#writer[value] = i;
    }
    return undefined;
  }

  /** Keeps what certainly happened and, transitively, the indeterminate operations whose values were needed; notes who needs which value. */
  #link(): UniqueFault | undefined {
    const pending: number[] = [];
    for (let i = 0; i < this.#size; i++) {
      if (this.#ret[i] === PENDING) continue;
      this.#keep(i);
      const fault = this.#need(i, pending);
      if (fault !== undefined) return fault;
    }
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      const fault = this.#need(i, pending);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #keep(op: number): void {
    this.#kept[op] = 1;
    this.#keptCount++;
  }

  #need(op: number, pending: number[]): UniqueFault | undefined {
    const value = this.#needs[op] as number;
    if (value === NONE) return undefined;
    this.#touch(value);
    const writer = this.#writer[value] as number;
    if (writer === NONE) {
      if (value !== this.#root) return { kind: 'never-written', seen: op, value };
    } else if (this.#kept[writer] === 0 && this.#ret[writer] === PENDING) {
      this.#keep(writer);
      this.#proof.set(writer, op);
      if (this.#role[writer] === CAS) pending.push(writer);
    }
    if (this.#role[op] === READ) {
      this.#nextReader[op] = this.#firstReader[value] as number;
      this.#firstReader[value] = op;
      return undefined;
    }
    const rival = this.#consumer[value] as number;
    if (rival !== NONE) return { kind: 'consumed-twice', first: Math.min(rival, op), second: Math.max(rival, op), value, writer };
    this.#consumer[value] = op;
    return undefined;
  }

  /** Walks every block from its write along the cas that consume it; an operation that comes too early in its block is a fault. */
  #walkBlocks(): UniqueFault | undefined {
    const fault = this.#walk(NONE);
    if (fault !== undefined) return fault;
    for (let i = 0; i < this.#size; i++) {
      if (this.#role[i] !== WRITE || this.#kept[i] === 0) continue;
      const fault = this.#walk(i);
      if (fault !== undefined) return fault;
    }
    return this.#blocks.visited === this.#keptCount ? undefined : { kind: 'cas-cycle', cas: this.#cycle() };
  }

  #walk(head: number): UniqueFault | undefined {
    const inv = this.#inv;
    const ret = this.#ret;
    let f = head < 0 ? -1 : PENDING;
    let s = -1;
    let firstEnd = NONE;
    let lastBegin = NONE;
    let members = 0;
    let value = head < 0 ? this.#root : (this.#makes[head] as number);
    for (let mutator = head; ; ) {
      if (mutator >= 0) {
        const end = ret[mutator] as number;
        if (end < s) return this.#tooEarly(head, lastBegin, mutator);
        if (end < f) {
          f = end;
          firstEnd = mutator;
        }
        if ((inv[mutator] as number) > s) {
          s = inv[mutator] as number;
          lastBegin = mutator;
        }
        members++;
      }
      let latest = s;
      let latestReader = lastBegin;
      for (let r = this.#firstReader[value] as number; r !== NONE; r = this.#nextReader[r] as number) {
        const end = ret[r] as number;
        if (end < s) return this.#tooEarly(head, lastBegin, r);
        if (end < f) {
          f = end;
          firstEnd = r;
        }
        if ((inv[r] as number) > latest) {
          latest = inv[r] as number;
          latestReader = r;
        }
        members++;
      }
      s = latest;
      lastBegin = latestReader;
      mutator = this.#consumer[value] as number;
      if (mutator === NONE) break;
      value = this.#makes[mutator] as number;
    }
    if (members > 0) this.#blocks.add(head, f, s, firstEnd, lastBegin, members);
    return undefined;
  }

  /** Looks for two blocks that must each precede the other. */
  #sweep(positions: number): UniqueFault | undefined {
    const { f, s, size } = this.#blocks;
    if (this.#startsAt.length < positions) this.#startsAt = new Int32Array(positions);
    const startsAt = this.#startsAt.fill(0, 0, positions);
    let owner = NONE;
    let end = NONE;
    for (let block = 0; block < size; block++) {
      const start = Math.min(f[block] as number, s[block] as number);
      if (start >= 0) startsAt[start] = block + 1;
      else {
        // Only the block of the initial value starts before everything.
        owner = block;
        end = s[block] as number;
      }
    }
    for (let position = 0; position < positions; position++) {
      const block = (startsAt[position] as number) - 1;
      if (block < 0) continue;
      // In both cases s lies after the f of the owner (zones are visited by their start), so that only f against the owner's s decides.
      if ((f[block] as number) < end) return { kind: 'crossed', a: this.#ends(owner), b: this.#ends(block) };
      if ((f[block] as number) < (s[block] as number)) {
        owner = block;
        end = s[block] as number;
      }
    }
    return undefined;
  }

  /** The kept operations of a block, in order. */
  #members(head: number): readonly number[] {
    const members: number[] = head < 0 ? [] : [head];
    let value = head < 0 ? this.#root : (this.#makes[head] as number);
    for (;;) {
      const readers: number[] = [];
      for (let r = this.#firstReader[value] as number; r !== NONE; r = this.#nextReader[r] as number) readers.push(r);
      members.push(...readers.reverse());
      const mutator = this.#consumer[value] as number;
      if (mutator === NONE) return members;
      members.push(mutator);
      value = this.#makes[mutator] as number;
    }
  }

  /** The mutators between the two operations at fault, as a chain that shows why their order is forced. */
  #tooEarly(head: number, earlier: number, later: number): UniqueFault {
    const members = this.#members(head);
    const between = members.slice(members.indexOf(earlier), members.indexOf(later) + 1);
    return { kind: 'too-early', earlier, later, chain: between.filter((i) => i !== earlier && this.#role[i] !== READ) };
  }

  /** Every kept operation outside the blocks hangs on a cycle of cas: goes back from one of them until an operation repeats. */
  #cycle(): readonly number[] {
    const inBlocks = new Set(Array.from({ length: this.#blocks.size }, (_, block) => this.#members(this.#blocks.head[block] as number)).flat());
    let at = NONE;
    for (let i = 0; i < this.#size && at === NONE; i++) if (this.#kept[i] === 1 && !inBlocks.has(i)) at = i;
    const path: number[] = [];
    while (!path.includes(at)) {
      path.push(at);
      at = this.#writer[this.#needs[at] as number] as number;
    }
    return path.slice(path.indexOf(at)).reverse();
  }

  #ends(block: number): BlockEnds {
    const firstEnd = this.#blocks.firstEnd[block] as number;
    const lastBegin = this.#blocks.lastBegin[block] as number;
    const members = this.#members(this.#blocks.head[block] as number);
    const valueAt = (i: number): number => (i === NONE ? this.#root : ((this.#role[i] === READ ? this.#needs[i] : this.#makes[i]) as number));
    const [from = 0, to = 0] = [members.indexOf(firstEnd), members.indexOf(lastBegin)].sort((a, b) => a - b);
    const first = members[Math.max(from, 0)] ?? NONE;
    const isSource = (i: number): boolean => this.#role[first] === READ && this.#makes[i] === this.#needs[first];
    return {
      firstEnd,
      lastBegin,
      firstValue: valueAt(firstEnd),
      lastValue: valueAt(lastBegin),
      chain: members.filter((i, at) => this.#role[i] !== READ && at <= to && (at >= from || isSource(i))),
    };
  }
}

/** Blocks as columns: the write they begin with (-1: the initial value), their first end f and last beginning s, and the operations that these are of. */
class Blocks {
  size = 0;
  /** Operations in them. */
  visited = 0;
  head = new Int32Array(64);
  f = new Int32Array(64);
  s = new Int32Array(64);
  firstEnd = new Int32Array(64);
  lastBegin = new Int32Array(64);

  clear(): void {
    this.size = this.visited = 0;
  }

  add(head: number, f: number, s: number, firstEnd: number, lastBegin: number, members: number): void {
    const at = this.size++;
    if (at === this.head.length) this.#grow();
    this.head[at] = head;
    this.f[at] = f;
    this.s[at] = s;
    this.firstEnd[at] = firstEnd;
    this.lastBegin[at] = lastBegin;
    this.visited += members;
  }

  #grow(): void {
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const made = new Int32Array(2 * old.length);
      made.set(old);
      return made;
    };
    this.head = wider(this.head);
    this.f = wider(this.f);
    this.s = wider(this.s);
    this.firstEnd = wider(this.firstEnd);
    this.lastBegin = wider(this.lastBegin);
  }
}
