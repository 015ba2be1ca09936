import { Interner } from '../shared/canonical.js';
import type { Entry } from './entries.js';
import type { AnyModel } from './models/index.js';
import type { RegisterOp } from './model.js';

/**
 * Linearizability of a register whose written values are unique, in O(n log n) however many clients there are and however many
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
  | { readonly kind: 'valid'; /** Kept operations in a possible order. */ readonly order: readonly Entry[] }
  | { readonly kind: 'invalid'; readonly fault: UniqueFault; /** Indeterminate operation -> the one that shows it happened. */ readonly proof: ReadonlyMap<Entry, Entry> };

/** What makes a history of unique values impossible. `Infinity` ends are indeterminate operations that must have happened, as their value was seen. */
export type UniqueFault =
  /** A value was seen that nobody can have written. */
  | { readonly kind: 'never-written'; readonly seen: Entry; readonly value: unknown }
  /** Two cas succeeded on one value that was written once. */
  | { readonly kind: 'consumed-twice'; readonly first: Entry; readonly second: Entry; readonly value: unknown; readonly writer: Entry | undefined }
  /** Cas that each need the value of another one of them. */
  | { readonly kind: 'cas-cycle'; readonly cas: readonly Entry[] }
  /** `later` builds on a value that can only be there after `earlier`, but had ended before `earlier` began. `chain` leads from one to the other. */
  | { readonly kind: 'too-early'; readonly earlier: Entry; readonly later: Entry; readonly chain: readonly Entry[] }
  /** Each of two blocks would have to be wholly before the other. */
  | { readonly kind: 'crossed'; readonly a: BlockEnds; readonly b: BlockEnds };

/** The operations that decide where a block lies: the one that ended first, and the one that began last. */
export interface BlockEnds {
  /** Undefined: the initial value, there before everything. */
  readonly firstEnd: Entry | undefined;
  readonly lastBegin: Entry;
  /** The values that these two saw or wrote. */
  readonly firstValue: unknown;
  readonly lastValue: unknown;
  /** The mutators that lead from the earlier of the two in the block's order to the later, where the block begins included. */
  readonly chain: readonly Entry[];
}

/** Decides a register history of unique written values; not applicable if a value is written twice or is the initial one. */
export function checkUnique(entries: readonly Entry[], model: AnyModel, initial: unknown): UniqueResult {
  const register = model.register?.bind(model);
  if (register === undefined) return { kind: 'not-applicable', reason: `the model ${model.name} is not a register` };
  const values = new Interner();
  const root = values.id(model.init(initial));
  const ops = entries.map((entry) => register(entry.op, values));
  const writers = writersOf(ops, root, values);
  if (typeof writers === 'string') return { kind: 'not-applicable', reason: writers };
  const history: RegisterHistory = { entries, ops, values, root, writers };
  const proof = new Map<Entry, Entry>();
  const links = linkUp(history, proof);
  if ('fault' in links) return { kind: 'invalid', fault: links.fault, proof };
  const blocks = blocksOf(history, links);
  if ('fault' in blocks) return { kind: 'invalid', fault: blocks.fault, proof };
  const swept = sweep(history, blocks.blocks);
  return 'fault' in swept ? { kind: 'invalid', fault: swept.fault, proof } : { kind: 'valid', order: swept.order };
}

interface RegisterHistory {
  readonly entries: readonly Entry[];
  readonly ops: readonly RegisterOp[];
  readonly values: Interner;
  /** The initial value. */
  readonly root: number;
  /** Value -> index of the operation that writes it, or -1. */
  readonly writers: Int32Array;
}

/** Kept operations by the value they need. */
interface Links {
  readonly readers: ReadonlyMap<number, readonly number[]>;
  readonly consumer: ReadonlyMap<number, number>;
  readonly kept: ReadonlySet<number>;
}

interface Block {
  readonly members: readonly number[];
  readonly firstEnd: number;
  readonly lastBegin: number;
  /** Positions of that end and that beginning. */
  readonly f: number;
  readonly s: number;
}

function writersOf(ops: readonly RegisterOp[], root: number, values: Interner): Int32Array | string {
  const writers = new Int32Array(values.size).fill(-1);
  for (const [i, op] of ops.entries()) {
    if (op.kind === 'read') continue;
    const value = op.kind === 'write' ? op.value : op.to;
    if (value === root) return 'the initial value is written again';
    if ((writers[value] ?? -1) >= 0) return `the value ${JSON.stringify(values.value(value))} is written more than once`;
    writers[value] = i;
  }
  return writers;
}

/** Keeps what certainly happened and, transitively, the indeterminate operations whose values were needed. */
function linkUp({ entries, ops, values, root, writers }: RegisterHistory, proof: Map<Entry, Entry>): Links | { readonly fault: UniqueFault } {
  const kept = new Set<number>();
  for (const [i, entry] of entries.entries()) if (entry.op.known) kept.add(i);
  const readers = new Map<number, number[]>();
  const consumer = new Map<number, number>();
  // A Set hands out what is added during the iteration too: this is a worklist.
  for (const i of kept) {
    const op = ops[i];
    const entry = entries[i];
    if (op === undefined || entry === undefined || op.kind === 'write') continue;
    const need = op.kind === 'read' ? op.value : op.from;
    const writer = writers[need] ?? -1;
    if (need !== root && writer < 0) return { fault: { kind: 'never-written', seen: entry, value: values.value(need) } };
    if (writer >= 0 && !kept.has(writer)) {
      kept.add(writer);
      proof.set(entries[writer] as Entry, entry);
    }
    if (op.kind === 'read') {
      const list = readers.get(need);
      if (list === undefined) readers.set(need, [i]);
      else list.push(i);
      continue;
    }
    const rival = entries[consumer.get(need) ?? -1];
    if (rival !== undefined) {
      const [first, second] = rival.inv < entry.inv ? [rival, entry] : [entry, rival];
      return { fault: { kind: 'consumed-twice', first, second, value: values.value(need), writer: entries[writer] } };
    }
    consumer.set(need, i);
  }
  return { readers, consumer, kept };
}

/** Walks every block from its write along the cas that consume it; an operation that comes too early in its block is a fault. */
function blocksOf(history: RegisterHistory, links: Links): { readonly blocks: readonly Block[] } | { readonly fault: UniqueFault } {
  const { entries, ops, root } = history;
  const blocks: Block[] = [];
  const visited = new Set<number>();
  const starts = [-1, ...[...links.kept].filter((i) => ops[i]?.kind === 'write')];
  for (const start of starts) {
    const op = ops[start];
    const walked = walkBlock(history, links, start, op?.kind === 'write' ? op.value : root);
    if ('kind' in walked) return { fault: walked };
    for (const i of walked.members) visited.add(i);
    if (walked.members.length > 0) blocks.push(walked);
  }
  if (visited.size === links.kept.size) return { blocks };
  return { fault: { kind: 'cas-cycle', cas: cycleAmong([...links.kept].filter((i) => !visited.has(i)), history).map((i) => entries[i] as Entry) } };
}

function walkBlock({ entries, ops }: RegisterHistory, links: Links, start: number, startValue: number): Block | UniqueFault {
  const members: number[] = [];
  let [firstEnd, lastBegin, f, s] = [-1, -1, start < 0 ? -1 : Infinity, -1];
  // Adds a layer: operations that all come after those of the layers before, in any order among themselves.
  const layer = (indices: readonly number[]): UniqueFault | undefined => {
    for (const i of indices) {
      const { ret } = entries[i] as Entry;
      if (ret < s) return tooEarly(entries, ops, members, lastBegin, i);
      if (ret < f) [f, firstEnd] = [ret, i];
    }
    for (const i of indices) {
      const { inv } = entries[i] as Entry;
      if (inv > s) [s, lastBegin] = [inv, i];
      members.push(i);
    }
    return undefined;
  };
  let value = startValue;
  for (let mutator = start; ; ) {
    const fault = (mutator < 0 ? undefined : layer([mutator])) ?? layer(links.readers.get(value) ?? []);
    if (fault !== undefined) return fault;
    const next = links.consumer.get(value);
    const op = next === undefined ? undefined : ops[next];
    if (next === undefined || op?.kind !== 'cas') return { members, firstEnd, lastBegin, f, s };
    mutator = next;
    value = op.to;
  }
}

/** The mutators between the two operations at fault, as a chain that shows why their order is forced. */
function tooEarly(entries: readonly Entry[], ops: readonly RegisterOp[], members: readonly number[], earlier: number, later: number): UniqueFault {
  const between = members.slice(members.indexOf(earlier)).filter((i) => i !== earlier && ops[i]?.kind !== 'read');
  return {
    kind: 'too-early',
    earlier: entries[earlier] as Entry,
    later: entries[later] as Entry,
    chain: between.map((i) => entries[i] as Entry),
  };
}

/** Every kept operation outside the blocks hangs on a cycle of cas: goes back from one of them until an operation repeats. */
function cycleAmong(left: readonly number[], { ops, writers }: RegisterHistory): readonly number[] {
  const path: number[] = [];
  const seen = new Set<number>();
  let at = left[0] ?? -1;
  while (at >= 0 && !seen.has(at)) {
    seen.add(at);
    path.push(at);
    const op = ops[at];
    at = op?.kind === 'cas' ? (writers[op.from] ?? -1) : op?.kind === 'read' ? (writers[op.value] ?? -1) : -1;
  }
  return path.slice(path.indexOf(at)).reverse();
}

/** Looks for two blocks that must each precede the other; if there are none, puts the blocks in order. */
function sweep(history: RegisterHistory, blocks: readonly Block[]): { readonly order: readonly Entry[] } | { readonly fault: UniqueFault } {
  const byStart = [...blocks].sort((a, b) => Math.min(a.f, a.s) - Math.min(b.f, b.s));
  let owner: Block | undefined;
  const keyed: { readonly block: Block; readonly at: number; readonly after: number }[] = [];
  for (const block of byStart) {
    // In both cases block.s lies after owner.f (zones are visited by their start), so that only f against the owner's s decides.
    if (owner !== undefined && block.f < owner.s) {
      return { fault: { kind: 'crossed', a: endsOf(history, owner), b: endsOf(history, block) } };
    }
    const inOwner = owner !== undefined && block.f >= block.s && block.s < owner.s;
    keyed.push({ block, at: block.f < block.s ? block.f : inOwner ? (owner as Block).s : block.s, after: inOwner ? 1 : 0 });
    if (block.f < block.s) owner = block;
  }
  keyed.sort((a, b) => a.at - b.at || a.after - b.after || a.block.s - b.block.s);
  return { order: keyed.flatMap(({ block }) => block.members.map((i) => history.entries[i] as Entry)) };
}

function endsOf({ entries, ops, values, root }: RegisterHistory, block: Block): BlockEnds {
  const valueAt = (i: number): unknown => {
    const op = ops[i];
    return values.value(op === undefined ? root : op.kind === 'cas' ? op.to : op.value);
  };
  const [from, to] = [block.members.indexOf(block.firstEnd), block.members.indexOf(block.lastBegin)].sort((a, b) => a - b);
  const value = ops[block.members[Math.max(from ?? 0, 0)] ?? -1];
  const between = block.members.filter((i, at) => ops[i]?.kind !== 'read' && at <= (to ?? 0) && (at >= (from ?? 0) || writes(ops[i], value)));
  return {
    firstEnd: entries[block.firstEnd],
    lastBegin: entries[block.lastBegin] as Entry,
    firstValue: valueAt(block.firstEnd),
    lastValue: valueAt(block.lastBegin),
    chain: between.map((i) => entries[i] as Entry),
  };
}

/** Whether an operation writes the value that another one reads. */
function writes(op: RegisterOp | undefined, read: RegisterOp | undefined): boolean {
  if (read?.kind !== 'read') return false;
  return (op?.kind === 'write' && op.value === read.value) || (op?.kind === 'cas' && op.to === read.value);
}
