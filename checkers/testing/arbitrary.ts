import fc from 'fast-check';
import { History, type Op, type Operation } from '../../src/index.js';

/** An operation of a generated history, before its events are put in order. */
export interface Draft {
  readonly f: string;
  readonly value: unknown;
  readonly result: unknown;
  readonly outcome: 'ok' | 'fail' | 'info' | 'none';
}

/** How a history is drawn: which operations, and what an execution does with a state. */
export interface Machine<S> {
  readonly init: S;
  readonly draw: (serial: number) => fc.Arbitrary<{ readonly f: string; readonly value: unknown }>;
  /** The result of a call and the state after it; undefined: the call fails. */
  readonly apply: (state: S, f: string, value: unknown) => { readonly result: unknown; readonly state: S } | undefined;
  /** Another result, for an edit that may break the history. */
  readonly edit: (draft: Draft, salt: number) => unknown;
}

/** Weights of what can become of an operation: it may succeed, be lost after or before taking effect, or never complete. */
const FATES = fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'applied-info', 'lost-info', 'applied-none', 'fail');

/**
 * Histories of a machine: an execution in which every operation takes effect (or not) at one instant, seen from outside with wide intervals; and,
 * if `edited`, one result changed, or one call that failed made a success. Unedited ones are linearizable by construction.
 */
export function historyOf<S>(machine: Machine<S>, options: { readonly maxOps: number; readonly processes: number; readonly edited: boolean; /** How far an interval reaches beyond its instant, in operations. */ readonly spread?: number }): fc.Arbitrary<readonly Op[]> {
  const reach = fc.nat({ max: options.spread ?? 3 });
  const call = fc.record({ fate: FATES, process: fc.nat({ max: options.processes - 1 }), before: reach, after: reach });
  return fc
    .array(call, { minLength: 1, maxLength: options.maxOps })
    .chain((calls) => fc.record({ calls: fc.constant(calls), asks: fc.tuple(...calls.map((_, i) => machine.draw(i + 1))), edit: fc.nat(), salt: fc.nat({ max: 7 }) }))
    .map(({ calls, asks, edit, salt }) => {
      let state = machine.init;
      const drafts = asks.map((ask, i): Draft => {
        const fate = calls[i]?.fate ?? 'ok';
        const applied = fate === 'fail' || fate === 'lost-info' ? undefined : machine.apply(state, ask.f, ask.value);
        if (applied !== undefined) state = applied.state;
        const outcome = fate === 'lost-info' || fate === 'applied-info' ? 'info' : fate === 'applied-none' ? 'none' : applied === undefined ? 'fail' : 'ok';
        return { ...ask, result: applied?.result, outcome };
      });
      const refused = (i: number): boolean => drafts[i]?.outcome === 'fail' && calls[i]?.fate === 'ok';
      const known = drafts.flatMap((draft, i) => (draft.outcome === 'ok' || refused(i) ? i : []));
      const at = known[edit % Math.max(1, known.length)];
      const changed = (draft: Draft, i: number): Draft => (refused(i) ? { ...draft, outcome: 'ok', result: draft.value } : { ...draft, result: machine.edit(draft, salt) });
      const result = drafts.map((draft, i) => (options.edited && i === at ? changed(draft, i) : draft));
      return eventsOf(result, calls);
    });
}

/** Widens the instant i of operation i to an interval and makes events of it; a process that is busy is replaced by a fresh one. */
function eventsOf(drafts: readonly Draft[], calls: readonly { readonly process: number; readonly before: number; readonly after: number }[]): readonly Op[] {
  const ends = drafts.flatMap((draft, i) => {
    const { before = 0, after = 0 } = calls[i] ?? {};
    const begin = { at: i - before - 0.25, i, end: false };
    return draft.outcome === 'none' ? [begin] : [begin, { at: i + after + 0.25, i, end: true }];
  });
  ends.sort((a, b) => a.at - b.at || Number(a.end) - Number(b.end) || a.i - b.i);
  const busy = new Map<number, number>();
  const processes: number[] = [];
  let fresh = 100;
  return ends.map(({ i, end }, index): Op => {
    const { f, value, result, outcome } = drafts[i] as Draft;
    const wanted = calls[i]?.process ?? 0;
    if (!end) {
      processes[i] = busy.has(wanted) ? fresh++ : wanted;
      busy.set(processes[i] ?? 0, i);
    } else if (outcome === 'ok' || outcome === 'fail') busy.delete(processes[i] ?? 0);
    const type = end ? (outcome === 'none' ? 'info' : outcome) : 'invoke';
    return { index, time: index * 1000, process: processes[i] ?? 0, type, f, value: type === 'ok' ? result : value };
  });
}

/** The client operations of events. */
export function operationsOf(ops: readonly Op[]): readonly Operation[] {
  return History.from(ops).clientOperations();
}

/** Registers: with unique written values, or with values from a small domain. */
export function registerMachine(values: 'unique' | 'small'): Machine<unknown> {
  const small = fc.constantFrom<unknown>(null, 1, 2, 'x');
  const fresh = (serial: number): fc.Arbitrary<unknown> => (values === 'unique' ? fc.constant(serial) : small);
  const seen = (serial: number): fc.Arbitrary<unknown> => (values === 'unique' ? fc.nat({ max: serial }).map((n) => (n === 0 ? null : n)) : small);
  return {
    init: null,
    draw: (serial) =>
      fc.oneof(
        fc.constant({ f: 'read', value: null }),
        fresh(serial).map((value) => ({ f: 'write', value })),
        fc.tuple(seen(serial - 1), fresh(serial)).map((value) => ({ f: 'cas', value })),
      ),
    apply: (state, f, value) => {
      if (f === 'read') return { result: state, state };
      if (f === 'write') return { result: value, state: value };
      const [from, to] = value as readonly unknown[];
      return from === state ? { result: value, state: to } : undefined;
    },
    edit: ({ f, result }, salt) => (f === 'read' ? (values === 'unique' ? (salt === 0 ? null : salt) : [null, 1, 2, 'x'][salt % 4]) : result),
  };
}

/** Lists with unique elements; appends answer the new length. */
export const listMachine: Machine<readonly number[]> = {
  init: [],
  draw: (serial) => fc.oneof(fc.constant({ f: 'read', value: null }), fc.constant({ f: 'append', value: 100 + serial })),
  apply: (state, f, value) => {
    if (f === 'read') return { result: state, state };
    const next = [...state, value as number];
    return { result: next.length, state: next };
  },
  edit: ({ f, result }, salt) => {
    if (f === 'append') return salt + 1;
    const list = [...(result as readonly number[])];
    if (salt % 4 === 0) return list.slice(0, -1);
    if (salt % 4 === 1) return list.reverse();
    if (salt % 4 === 2) return [...list, 101 + salt];
    return list.slice(1);
  },
};

/** Counters; additions answer the new total. */
export function counterMachine(amounts: fc.Arbitrary<number>): Machine<number> {
  return {
    init: 0,
    draw: () => fc.oneof(fc.constant({ f: 'read', value: null }), amounts.map((value) => ({ f: 'add', value }))),
    apply: (state, f, value) => (f === 'read' ? { result: state, state } : { result: state + (value as number), state: state + (value as number) }),
    edit: ({ result }, salt) => (result as number) + salt - 3,
  };
}
