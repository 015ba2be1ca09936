import fc from 'fast-check';
import type { Op } from '../../../src/index.js';

/** How far the machine is from one copy of the data. */
export interface Weakness {
  /** One log of writes for all keys, or one for each. */
  readonly oneLog: boolean;
  /** Whether a session sees the whole log once it has written. */
  readonly catchesUp: boolean;
  /** Whether a session may fall back to an earlier state. */
  readonly fallsBack: boolean;
  /** Writes wait in the session, first in first out, and are seen by it alone until they are flushed. */
  readonly buffers: boolean;
}

interface Call {
  readonly process: number;
  readonly f: 'read' | 'write' | 'cas';
  readonly key: number;
  readonly move: number;
  readonly flush: boolean;
  readonly guess: boolean;
  readonly value: number;
  readonly fate: 'ok' | 'info' | 'lost' | 'fail' | 'none';
}

interface Setup {
  readonly maxOps: number;
  readonly processes: number;
  readonly keys: number;
  /** Written values: each once, or of a small domain. */
  readonly values: 'unique' | 'small';
  readonly weakness?: Partial<Weakness>;
  /** Whether the result of a read may be changed. */
  readonly edited: boolean;
  /** Whether operations may fail or be of unknown outcome. */
  readonly faults?: boolean;
  /** Fewest operations; default 1. */
  readonly minOps?: number;
}

/** Histories of replicated registers, in which sessions see a log of writes late; one result may be changed. */
export function weakHistories(setup: Setup): fc.Arbitrary<readonly Op[]> {
  const flag = (name: keyof Weakness): fc.Arbitrary<boolean> => (setup.weakness?.[name] === undefined ? fc.boolean() : fc.constant(setup.weakness[name]));
  const fate = setup.faults === false ? fc.constant<Call['fate']>('ok') : fc.constantFrom<Call['fate']>('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'info', 'lost', 'fail', 'none');
  const call = fc.record<Call>({
    process: fc.nat({ max: setup.processes - 1 }),
    f: fc.constantFrom('read', 'read', 'read', 'write', 'write', 'cas'),
    key: fc.nat({ max: setup.keys - 1 }),
    move: fc.integer({ min: -2, max: 4 }),
    flush: fc.boolean(),
    guess: fc.nat({ max: 3 }).map((n) => n === 0),
    value: fc.integer({ min: 1, max: 2 }),
    fate,
  });
  return fc
    .record({
      weakness: fc.record({ oneLog: flag('oneLog'), catchesUp: flag('catchesUp'), fallsBack: flag('fallsBack'), buffers: flag('buffers') }),
      calls: fc.array(call, { minLength: setup.minOps ?? 1, maxLength: setup.maxOps }),
      edit: fc.option(fc.record({ at: fc.nat(), value: fc.nat() })),
    })
    .map(({ weakness, calls, edit }) => {
      const ops = run(weakness, calls, setup);
      return setup.edited && edit !== null ? changed(ops, edit.at, edit.value) : ops;
    });
}

interface Entry {
  readonly key: number;
  readonly value: unknown;
}

function run(weakness: Weakness, calls: readonly Call[], setup: Setup): readonly Op[] {
  const machine = new Machine(weakness);
  const events: Op[] = [];
  const names = new Map<number, number>();
  let fresh = 100;
  calls.forEach(({ process: lane, f, key, move, flush, guess, value, fate }, i) => {
    const process = names.get(lane) ?? lane;
    const written = setup.values === 'unique' ? i + 1 : value;
    machine.move(lane, key, move, flush);
    const seen = machine.see(lane, key);
    const expected = guess && i > 0 ? (setup.values === 'unique' ? i : value) : seen;
    const argument = f === 'read' ? null : f === 'write' ? written : [expected, written];
    const refused = f === 'cas' && expected !== machine.newest(key);
    const applied = fate !== 'lost' && fate !== 'fail' && !refused;
    if (applied && f !== 'read') machine.write(lane, { key, value: written }, f === 'cas');
    const type = fate === 'lost' || fate === 'info' ? 'info' : fate === 'fail' || refused ? 'fail' : 'ok';
    const common = { time: 0, process, f, key: `k${key}` };
    events.push({ ...common, index: events.length, type: 'invoke', value: argument });
    if (fate === 'none') names.set(lane, fresh++);
    else events.push({ ...common, index: events.length, type, value: type === 'ok' && f === 'read' ? seen : argument });
    // A session of unknown outcome goes on, or another one takes its place.
    if (type === 'info' && flush) names.set(lane, fresh++);
  });
  return events;
}

class Machine {
  readonly #weakness: Weakness;
  readonly #logs = new Map<number, Entry[]>();
  readonly #positions = new Map<string, number>();
  readonly #buffers = new Map<number, Entry[]>();

  constructor(weakness: Weakness) {
    this.#weakness = weakness;
  }

  move(lane: number, key: number, by: number, flush: boolean): void {
    const buffer = this.#buffers.get(lane) ?? [];
    if (flush) for (const entry of buffer.splice(0, Math.max(1, by))) this.#commit(lane, entry);
    const { name, log } = this.#place(lane, key);
    const at = this.#positions.get(name) ?? 0;
    this.#positions.set(name, Math.min(log.length, Math.max(0, at + (this.#weakness.fallsBack ? by : Math.max(0, by)))));
  }

  see(lane: number, key: number): unknown {
    const own = (this.#buffers.get(lane) ?? []).findLast((entry) => entry.key === key);
    if (own !== undefined) return own.value;
    const { name, log } = this.#place(lane, key);
    return log.slice(0, this.#positions.get(name) ?? 0).findLast((entry) => entry.key === key)?.value ?? null;
  }

  newest(key: number): unknown {
    return this.#place(0, key).log.findLast((entry) => entry.key === key)?.value ?? null;
  }

  write(lane: number, entry: Entry, atOnce: boolean): void {
    if (!this.#weakness.buffers || atOnce) this.#commit(lane, entry);
    else this.#buffers.set(lane, [...(this.#buffers.get(lane) ?? []), entry]);
  }

  #commit(lane: number, entry: Entry): void {
    const { name, log } = this.#place(lane, entry.key);
    log.push(entry);
    if (this.#weakness.catchesUp) this.#positions.set(name, log.length);
  }

  #place(lane: number, key: number): { readonly name: string; readonly log: Entry[] } {
    const which = this.#weakness.oneLog ? 0 : key;
    const log = this.#logs.get(which) ?? [];
    this.#logs.set(which, log);
    return { name: `${lane}/${which}`, log };
  }
}

/** Lets a read see another value of its key: mostly one that was written, or the initial one. */
function changed(ops: readonly Op[], at: number, salt: number): readonly Op[] {
  const reads = ops.filter(({ type, f }) => type === 'ok' && f === 'read');
  const chosen = reads[at % Math.max(1, reads.length)];
  const written = ops.flatMap(({ type, f, key, value }) => (type === 'invoke' && f !== 'read' && key === chosen?.key ? [f === 'cas' ? (value as readonly unknown[])[1] : value] : []));
  const values = [null, ...written, ...written, ...written, 9];
  return ops.map((op) => (op === chosen ? { ...op, value: values[salt % values.length] } : op));
}

/** Histories without any machine behind them: every read sees some value of its key, so that contradictions go through many sessions. */
export function litmusHistories({ maxOps, minOps, processes, keys }: { readonly maxOps: number; readonly minOps: number; readonly processes: number; readonly keys: number }): fc.Arbitrary<readonly Op[]> {
  const call = fc.record({ process: fc.nat({ max: processes - 1 }), key: fc.nat({ max: keys - 1 }), writes: fc.boolean(), salt: fc.nat({ max: 1000 }) });
  return fc.array(call, { minLength: minOps, maxLength: maxOps }).map((calls) => {
    const written = (key: number): readonly unknown[] => calls.flatMap((other, i) => (other.writes && other.key === key ? i + 1 : []));
    return calls.flatMap(({ process, key, writes, salt }, i): readonly Op[] => {
      const values = [null, ...written(key)];
      const common = { time: 0, process, f: writes ? 'write' : 'read', key: `k${key}` };
      const argument = writes ? i + 1 : null;
      return [
        { ...common, index: 2 * i, type: 'invoke', value: argument },
        { ...common, index: 2 * i + 1, type: 'ok', value: writes ? argument : values[salt % values.length] },
      ];
    });
  });
}
