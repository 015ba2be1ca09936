import type { Anomaly } from '../../src/index.js';
import { eventsOf, listOf, showOperation, showValue } from '../shared/words.js';
import { seenFromNowhere, type Register, type Step, type Steps, type Version } from './steps.js';

/**
 * A write, the reads of its value, the cas that consumed it, the reads of that one's value, and so on. As a value that is written once never comes
 * back, every legal order of a register holds each block in one piece (Gibbons & Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997, call
 * them clusters; the cas is added here).
 */
export interface Block {
  readonly register: number;
  /** The write it begins with; -1: the block of the initial value, before all others. */
  readonly head: number;
  /** Its steps, layer by layer. */
  readonly members: readonly number[];
  /** Those that every other member comes before: the reads of the last value, or what wrote it. */
  readonly ends: readonly number[];
}

/** The blocks of registers with unique values. */
export interface Blocks {
  readonly blocks: readonly Block[];
  /** By step: its block; -1 for those of other registers. */
  readonly of: Int32Array;
  /** By step: its place in the order of its block; reads of one value share theirs. */
  readonly layer: Int32Array;
}

/** What no order whatever can explain: values from nowhere, a value consumed twice, cas that need each other. */
export function valueFaults(history: Steps, register: Register): readonly Anomaly[] {
  const { steps, versions } = history;
  const own = register.versions.map((id) => versions[id] as Version);
  const found = own.flatMap((version) => nowhereFault(version, steps, register) ?? []);
  if (register.repeated !== undefined) return found;
  return [...found, ...own.flatMap((version) => consumedTwice(version, steps, register) ?? []), ...casCycle(history, register)];
}

/** A value that was seen and cannot have been written: no promise allows that, whether values repeat or not. */
export function fromNowhere({ steps, versions }: Steps, register: Register): Anomaly | undefined {
  for (const id of register.versions) {
    const fault = nowhereFault(versions[id] as Version, steps, register);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function nowhereFault(version: Version, steps: readonly Step[], register: Register): Anomaly | undefined {
  const seen = seenFromNowhere(version, steps);
  if (seen === undefined) return undefined;
  const { operation } = steps[seen] as Step;
  const [failed] = version.failed;
  const why = failed === undefined ? 'nobody ever wrote it' : `the only operation that would have written it failed: ${showOperation(failed)}`;
  return anomalyOf('value-from-nowhere', `${showOperation(operation)} saw ${showValue(version.value)}, but ${why}.`, [operation, ...version.failed.slice(0, 1)], register);
}

/** The blocks of all registers with unique values; only for histories without value faults. */
export function blocksOf({ steps, versions, registers }: Steps): Blocks {
  const blocks: Block[] = [];
  const of = new Int32Array(steps.length).fill(-1);
  const layer = new Int32Array(steps.length);
  const grow = (register: number, head: number, first: number): void => {
    const members: number[] = head < 0 ? [] : [head];
    let ends: readonly number[] = members.slice();
    for (let version = first, depth = 0; ; depth += 2) {
      const { readers, consumers } = versions[version] as Version;
      for (const id of readers) layer[id] = depth + 1;
      members.push(...readers);
      if (readers.length > 0) ends = readers;
      const [next] = consumers;
      if (next === undefined) break;
      layer[next] = depth + 2;
      members.push(next);
      ends = [next];
      version = (steps[next] as Step).makes;
    }
    if (members.length === 0) return;
    for (const id of members) of[id] = blocks.length;
    blocks.push({ register, head, members, ends });
  };
  registers.forEach((register, number) => {
    if (register.repeated !== undefined) return;
    grow(number, -1, register.versions[0] as number);
    for (const id of register.steps) if (steps[id]?.role === 'write') grow(number, id, steps[id].makes);
  });
  return { blocks, of, layer };
}

/** An anomaly about operations of one key. */
export function anomalyOf(kind: string, message: string, operations: Iterable<Step['operation']>, register?: Register): Anomaly {
  const ops = eventsOf(operations);
  return register?.key === undefined ? { kind, message, ops } : { kind, message, ops, key: register.key };
}

function consumedTwice({ consumers, value }: Version, steps: readonly Step[], register: Register): Anomaly | undefined {
  const [a, b] = consumers.map((id) => (steps[id] as Step).operation);
  if (a === undefined || b === undefined) return undefined;
  return anomalyOf('consumed-twice', `${showOperation(a)} and ${showOperation(b)} both replaced ${showValue(value)}, which was there once only.`, [a, b], register);
}

/** Steps that no write leads to hang on a cycle of cas: goes back from one of them until it repeats. */
function casCycle({ steps, versions }: Steps, register: Register): readonly Anomaly[] {
  const state = new Map<number, 'open' | 'done'>();
  for (const start of register.steps) {
    const path: number[] = [];
    let at: number | undefined = start;
    while (at !== undefined && steps[at]?.role === 'cas' && !state.has(at)) {
      state.set(at, 'open');
      path.push(at);
      at = versions[(steps[at] as Step).needs]?.writers[0];
    }
    if (at !== undefined && state.get(at) === 'open') {
      const cycle = path.slice(path.indexOf(at)).reverse().map((id) => (steps[id] as Step).operation);
      return [anomalyOf('cas-cycle', `${listOf(cycle.map(showOperation))} each need the value of another one of them.`, cycle, register)];
    }
    for (const id of path) state.set(id, 'done');
  }
  return [];
}
