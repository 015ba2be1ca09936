import { FaultlineError, isClientOp, type Key, type Operation } from '../../src/index.js';
import { canonical } from '../shared/canonical.js';

/** An operation that certainly happened, or an indeterminate one that may have to be placed. */
export interface Step {
  readonly operation: Operation;
  readonly role: 'read' | 'write' | 'cas';
  readonly session: number;
  /** Whether it succeeded. Otherwise it took effect at some time after its invocation, perhaps after what its session did next. */
  readonly certain: boolean;
  /** Whether it must have happened: it succeeded, or its value was seen. */
  readonly required: boolean;
  /** Number of its register. */
  readonly register: number;
  /** The version it read or consumed; -1: none. */
  readonly needs: number;
  /** The version it wrote; -1: none. */
  readonly makes: number;
}

/** A value of a register. Where written values are unique it was there for one stretch of time only. */
export interface Version {
  readonly register: number;
  readonly value: unknown;
  /** The initial value of its register. */
  readonly root: boolean;
  /** The steps that wrote it. More than one, or one that wrote the initial value again: values repeat. */
  readonly writers: readonly number[];
  readonly readers: readonly number[];
  /** The cas that needed it. */
  readonly consumers: readonly number[];
  /** Operations that failed to write it, for the explanation of a value from nowhere. */
  readonly failed: readonly Operation[];
}

/** What was done with one key. */
export interface Register {
  readonly key: Key | undefined;
  /** In order of invocation. */
  readonly steps: readonly number[];
  readonly versions: readonly number[];
  /** Why its values do not tell who wrote them, if so. */
  readonly repeated?: string;
}

/** A history of registers as numbered steps, in order of invocation. */
export interface Steps {
  readonly steps: readonly Step[];
  readonly versions: readonly Version[];
  readonly registers: readonly Register[];
}

/** A step before it is known which are kept. */
interface Draft extends Step {
  required: boolean;
}

interface Growing {
  readonly key: Key | undefined;
  readonly byValue: Map<string, number>;
  readonly versions: number[];
}

interface GrowingVersion extends Version {
  readonly writers: number[];
  readonly failed: Operation[];
}

/**
 * Lays out the operations that count. Failed ones had no effect, reads of unknown result constrain nothing. An indeterminate write or cas is kept if a
 * kept step saw its value: any other could be taken out of every order that explains the history. (Where values repeat nobody can say
 * which were seen: all are kept, as possibilities.) Throws FaultlineError `model-operation` (usage) for what is no operation of a register.
 */
export function stepsOf(operations: readonly Operation[], initial: unknown): Steps {
  const registers: Growing[] = [];
  const numbers = new Map<Key | undefined, number>();
  const versions: GrowingVersion[] = [];
  const versionOf = (register: number, value: unknown): number => {
    const { byValue, versions: own } = registers[register] as Growing;
    const name = canonical(value);
    const known = byValue.get(name);
    if (known !== undefined) return known;
    const root = byValue.size === 0;
    versions.push({ register, value: value ?? null, root, writers: [], readers: [], consumers: [], failed: [] });
    byValue.set(name, versions.length - 1);
    own.push(versions.length - 1);
    return versions.length - 1;
  };
  const registerOf = (key: Key | undefined): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    registers.push({ key, byValue: new Map(), versions: [] });
    numbers.set(key, registers.length - 1);
    versionOf(registers.length - 1, initial);
    return registers.length - 1;
  };
  const drafts: Draft[] = [];
  for (const operation of inOrder(operations)) {
    const register = registerOf(operation.invoke.key);
    const { role, needs, makes } = callOf(operation);
    const certain = operation.completion?.type === 'ok';
    const made = makes === undefined ? -1 : versionOf(register, makes.value);
    if (operation.completion?.type === 'fail') {
      if (made >= 0) versions[made]?.failed.push(operation);
      continue;
    }
    if (role === 'read' && !certain) continue;
    if (made >= 0) versions[made]?.writers.push(drafts.length);
    const needed = needs === undefined ? -1 : versionOf(register, needs.value);
    drafts.push({ operation, role, session: operation.invoke.process as number, certain, register, needs: needed, makes: made, required: certain });
  }
  const repeated = registers.map((register) => repetition(register, versions));
  requireNeeded(drafts, versions, repeated);
  return numbered(drafts, versions, registers, repeated);
}

function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const clients = operations.filter(({ invoke }) => isClientOp(invoke));
  return clients.sort((a, b) => a.invoke.index - b.invoke.index);
}

interface Call {
  readonly role: Step['role'];
  readonly needs?: { readonly value: unknown };
  readonly makes?: { readonly value: unknown };
}

function callOf({ invoke, completion }: Operation): Call {
  if (invoke.f === 'read') return { role: 'read', needs: { value: completion?.value } };
  if (invoke.f === 'write') return { role: 'write', makes: { value: invoke.value } };
  const pair: unknown = invoke.value;
  if (invoke.f === 'cas' && Array.isArray(pair) && pair.length === 2) return { role: 'cas', needs: { value: pair[0] as unknown }, makes: { value: pair[1] as unknown } };
  throw new FaultlineError('model-operation', `event ${invoke.index}: not an operation of a register: ${invoke.f} ${canonical(invoke.value)}`, {
    kind: 'usage',
    hint: 'The checker consistency knows read (null), write (a value) and cas ([from, to]).',
  });
}

function repetition({ versions: own }: Growing, versions: readonly Version[]): string | undefined {
  for (const id of own) {
    const { root, writers, value } = versions[id] as Version;
    if (root && writers.length > 0) return `the initial value ${canonical(value)} is written again`;
    if (writers.length > 1) return `the value ${canonical(value)} is written more than once`;
  }
  return undefined;
}

function requireNeeded(drafts: readonly Draft[], versions: readonly Version[], repeated: readonly (string | undefined)[]): void {
  const open = drafts.filter(({ certain, register }) => certain && repeated[register] === undefined);
  for (let draft = open.pop(); draft !== undefined; draft = open.pop()) {
    const writer = drafts[versions[draft.needs]?.writers[0] ?? -1];
    if (writer === undefined || writer.required) continue;
    writer.required = true;
    open.push(writer);
  }
}

function numbered(drafts: readonly Draft[], found: readonly Version[], registers: readonly Growing[], repeated: readonly (string | undefined)[]): Steps {
  const steps: Step[] = [];
  const kept = registers.map((): number[] => []);
  const versions = found.map((version) => ({ ...version, writers: [] as number[], readers: [] as number[], consumers: [] as number[] }));
  for (const step of drafts) {
    if (!step.required && repeated[step.register] === undefined) continue;
    const id = steps.push(step) - 1;
    kept[step.register]?.push(id);
    if (step.makes >= 0) versions[step.makes]?.writers.push(id);
    if (step.needs >= 0) versions[step.needs]?.[step.role === 'cas' ? 'consumers' : 'readers'].push(id);
  }
  return {
    steps,
    versions,
    registers: registers.map(({ key, versions: own }, i) => {
      const why = repeated[i];
      return { key, steps: kept[i] ?? [], versions: own, ...(why === undefined ? {} : { repeated: why }) };
    }),
  };
}

/** By step: the last certain step of its session before it, among the steps given (in order of invocation); -1: none. By number of step, -1 elsewhere. */
export function predecessors(steps: readonly Step[], among: readonly number[]): Int32Array {
  const before = new Int32Array(steps.length).fill(-1);
  const last = new Map<number, number>();
  for (const id of among) {
    const { session, certain } = steps[id] as Step;
    before[id] = last.get(session) ?? -1;
    if (certain) last.set(session, id);
  }
  return before;
}

/** The step that saw a version which no operation can have written, if there is one. */
export function seenFromNowhere({ root, writers, readers, consumers }: Version, steps: readonly Step[]): number | undefined {
  if (root || writers.length > 0) return undefined;
  return [...readers, ...consumers].find((id) => steps[id]?.required);
}
