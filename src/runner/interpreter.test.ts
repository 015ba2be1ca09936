import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FaultlineError } from '../errors.js';
import { any, clients, concat, delay, limit, onNemesis, phases, repeat, sleep, timeLimit, untilOk, validate, withState } from '../generator/index.js';
import { History } from '../history/history.js';
import type { Op } from '../history/op.js';
import { realClock } from '../time/clock.js';
import type { Call, Client, Outcome } from './client.js';
import { interpret, type InterpreterOptions, type InterpreterStats } from './interpreter.js';
import { Recorder } from './recorder.js';

type Invoke = (call: Call, signal: AbortSignal, client: { readonly process: number; readonly thread: number }) => Promise<Outcome>;

interface Ran {
  readonly ops: readonly Op[];
  readonly stats: InterpreterStats;
  readonly opened: readonly number[];
  readonly closed: readonly number[];
}

const ok: Invoke = async (call) => ({ type: 'ok', value: call.value });
const never = new Promise<never>(() => undefined);

/** Interprets with clients that do what `invoke` says, and checks of every history that it is well formed. */
async function run(options: Partial<InterpreterOptions> & { readonly invoke?: Invoke; readonly ops?: Op[] }): Promise<Ran> {
  const { invoke = ok, ops = [], ...rest } = options;
  const clock = realClock();
  const recorder = new Recorder(clock, (op) => ops.push(op));
  const opened: number[] = [];
  const closed: number[] = [];
  const stats = await interpret({
    generator: concat(),
    threads: 3,
    openClient: async (client): Promise<Client> => {
      opened.push(client.process);
      return { invoke: (call, signal) => invoke(call, signal, client), [Symbol.asyncDispose]: async () => void closed.push(client.process) };
    },
    clock,
    seed: 1,
    record: (event) => recorder.record(event),
    callTimeoutMs: 2000,
    ...rest,
  });
  History.from(ops);
  expect(ops.map((op) => op.index)).toEqual(ops.map((_, i) => i));
  expect(ops.every((op, i) => op.time >= (ops[i - 1]?.time ?? 0))).toBe(true);
  expect(ops.filter((op) => op.type === 'invoke')).toHaveLength(ops.filter((op) => op.type !== 'invoke').length);
  return { ops, stats, opened, closed };
}

const reads = (count: number): ReturnType<typeof limit> => clients(limit(count, repeat({ f: 'read' })));
const completions = (ops: readonly Op[]): readonly Op[] => ops.filter((op) => op.type !== 'invoke');

describe('operations', () => {
  it('are recorded with result, key and node, and counted', async () => {
    const { ops, stats, opened, closed } = await run({
      generator: clients(concat({ f: 'write', value: 7, key: 'k' })),
      threads: 1,
      nodeOf: (thread) => `n${thread}`,
      invoke: async (call) => ({ type: 'ok', value: [call.f, call.key] }),
    });
    expect(ops).toEqual([
      { index: 0, time: expect.any(Number) as number, process: 0, type: 'invoke', f: 'write', value: 7, key: 'k', node: 'n0' },
      { index: 1, time: expect.any(Number) as number, process: 0, type: 'ok', f: 'write', value: ['write', 'k'], key: 'k', node: 'n0' },
    ]);
    expect(stats).toMatchObject({ operations: 1, ok: 1, fail: 0, info: 0, clientsOpened: 1, interrupted: false, processes: [0] });
    expect([opened, closed]).toEqual([[0], [0]]);
  });

  it('run side by side, one at a time on each thread, invoked before the call and completed in its callback', async () => {
    let open = 0;
    let most = 0;
    const { ops } = await run({
      generator: reads(30),
      invoke: async () => {
        most = Math.max(most, ++open);
        await pause(1);
        open--;
        return { type: 'ok', value: null };
      },
    });
    expect(most).toBe(3);
    expect(completions(ops)).toHaveLength(30);
  });

  it('that fail repeat the argument and keep process and client', async () => {
    const { ops, opened } = await run({ generator: clients(concat(...[1, 2].map((value) => ({ f: 'w', value })))), threads: 1, invoke: async () => ({ type: 'fail', error: { code: 'no' } }) });
    expect(completions(ops).map((op) => [op.process, op.type, op.value, op.error])).toEqual([[0, 'fail', 1, { code: 'no' }], [0, 'fail', 2, { code: 'no' }]]);
    expect(opened).toEqual([0]);
  });

  it('that end in info retire the process, and close its client without holding anyone up', async () => {
    const { ops, opened, closed, stats } = await run({
      generator: clients(limit(4, repeat({ f: 'w', value: 1 }))),
      threads: 1,
      invoke: async (_call, _signal, { process }) => (process < 2 ? { type: 'info', error: { code: 'lost' } } : { type: 'ok', value: 1 }),
    });
    expect(completions(ops).map((op) => [op.process, op.type])).toEqual([[0, 'info'], [1, 'info'], [2, 'ok'], [2, 'ok']]);
    expect([opened, [...closed].sort()]).toEqual([[0, 1, 2], [0, 1, 2]]);
    expect(stats).toMatchObject({ processes: [2], info: 2, ok: 2 });
  });

  it('go on under new processes in a further interpretation', async () => {
    const { ops } = await run({ generator: reads(6), threads: 3, processes: [3, 7, 2] });
    expect(new Set(ops.map((op) => op.process))).toEqual(new Set([3, 7, 2]));
  });

  it.each<[string, Invoke, object]>([
    ['throws', () => Promise.reject(new Error('socket hang up')), { code: 'exception', message: 'socket hang up' }],
    ['throws at once', () => { throw new FaultlineError('bad-day', 'no'); }, { code: 'bad-day', message: 'no' }],
    ['gives no outcome', async () => ({ type: 'OK' }) as unknown as Outcome, { code: 'bad-outcome', message: expect.stringMatching(/^the paxos client gave {"type":"OK"}/) as string }],
    ['fails without an error', async () => ({ type: 'fail' }) as unknown as Outcome, { code: 'bad-outcome' }],
    ['gives nothing', async () => undefined as unknown as Outcome, { code: 'bad-outcome' }],
  ])('of a client that %s end in info', async (_, invoke, error) => {
    const { ops } = await run({ generator: reads(1), invoke, clientName: 'the paxos client' });
    expect(ops[1]).toMatchObject({ type: 'info', error });
  });

  it('without a value are recorded with null', async () => {
    const { ops } = await run({ generator: reads(1), invoke: async () => ({ type: 'ok' }) as Outcome });
    expect(ops[1]).toMatchObject({ type: 'ok', value: null });
  });
});

describe('deadlines', () => {
  it('abort the call; whatever it then throws is a timeout', async () => {
    const { ops, stats } = await run({
      generator: reads(1),
      callTimeoutMs: 30,
      invoke: (_call, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    });
    expect(ops[1]).toMatchObject({ type: 'info', error: { code: 'timeout', message: 'no answer within 30 ms' } });
    expect(stats.timeouts).toBe(1);
  });

  it('give up a client that ignores its signal, and ignore what it answers later', async () => {
    let answer: (outcome: Outcome) => void = () => undefined;
    const { ops, opened, closed } = await run({
      generator: clients(phases(...[1, 2].map((value) => ({ f: 'w', value })), sleep(20))),
      threads: 1,
      callTimeoutMs: 20,
      invoke: (call, _signal, { process }) => {
        if (process === 0) return new Promise((resolve) => (answer = resolve));
        answer({ type: 'ok', value: 'late' });
        return ok(call, _signal, { process, thread: 0 });
      },
    });
    expect(completions(ops).map((op) => [op.process, op.type, op.value])).toEqual([[0, 'info', 1], [1, 'ok', 2]]);
    expect([opened, [...closed].sort()]).toEqual([[0, 1], [0, 1]]);
  });

  it('do not wait for a client that does not close', async () => {
    const { ops } = await run({
      generator: clients(limit(2, repeat({ f: 'w' }))),
      threads: 1,
      closeTimeoutMs: 30,
      openClient: async () => ({ invoke: async () => ({ type: 'info', error: { code: 'x' } }), [Symbol.asyncDispose]: () => never }),
    });
    expect(ops).toHaveLength(4);
  });

  it('give the next call a signal of its own', async () => {
    let calls = 0;
    const { ops } = await run({
      generator: clients(phases({ f: 'a' }, { f: 'b' })),
      threads: 1,
      callTimeoutMs: 30,
      invoke: (_call, signal) =>
        ++calls === 1
          ? new Promise((resolve) => signal.addEventListener('abort', () => resolve({ type: 'fail', error: { code: 'not-sent' } })))
          : Promise.resolve({ type: 'ok', value: signal.aborted }),
    });
    expect(completions(ops).map((op) => [op.process, op.type, op.value])).toEqual([[0, 'fail', null], [0, 'ok', false]]);
  });

  it('hold for the nemesis too', async () => {
    const nemeses = new Map([['deaf', () => never], ['good', (_call: unknown, signal: AbortSignal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('x'))))]]);
    const { ops, stats } = await run({ generator: any(onNemesis('deaf', { f: 'start', value: 1 }), onNemesis('good', { f: 'start', value: 2 })), nemeses, nemesisTimeoutMs: 20 });
    expect(completions(ops).map((op) => [op.process, op.type, op.value, op.error?.code])).toEqual([
      ['nemesis/good', 'info', 2, 'timeout'],
      ['nemesis/deaf', 'info', 1, 'timeout'],
    ]);
    expect(stats).toMatchObject({ faults: 2, faultErrors: 2, operations: 0 });
  });
});

describe('clients that cannot be opened', () => {
  it('make their operations fail, with pauses that grow', async () => {
    const started = performance.now();
    const { ops, stats } = await run({ generator: reads(3), threads: 1, openClient: () => Promise.reject(new Error('ECONNREFUSED')) });
    expect(completions(ops).map((op) => [op.process, op.type, op.error])).toEqual(Array(3).fill([0, 'fail', { code: 'open-failed', message: 'ECONNREFUSED' }]));
    expect(stats).toMatchObject({ openFailures: 3, fail: 3, clientsOpened: 0 });
    // 50 + 100 + 200 ms of pauses that were asked for: a busy loop would take none.
    expect(performance.now() - started).toBeGreaterThan(300);
  });

  it('are given up at a deadline, and closed if they come later', async () => {
    let late: (client: Client) => void = () => undefined;
    let closed = 0;
    const { ops } = await run({
      generator: clients(limit(1, repeat({ f: 'w' }))),
      threads: 1,
      openTimeoutMs: 10,
      openClient: () => new Promise((resolve) => (late = resolve)),
    });
    expect(ops[1]).toMatchObject({ type: 'fail', error: { code: 'open-failed', message: 'no client within 10 ms' } });
    late({ invoke: () => never, [Symbol.asyncDispose]: async () => void closed++ });
    await expect.poll(() => closed).toBe(1);
  });

  it('are tried again', async () => {
    let attempts = 0;
    const { ops } = await run({
      generator: clients(untilOk(repeat({ f: 'r' }))),
      threads: 1,
      openClient: async () => {
        if (++attempts < 3) throw new Error('not yet');
        return { invoke: async () => ({ type: 'ok', value: 1 }), [Symbol.asyncDispose]: async () => undefined };
      },
    });
    expect(completions(ops).map((op) => op.type)).toEqual(['fail', 'fail', 'ok']);
  });
});

describe('spinning', () => {
  it('is braked when a client only fails at once', async () => {
    const { stats } = await run({ generator: timeLimit(250, clients(repeat({ f: 'cas' }))), threads: 1, invoke: async () => ({ type: 'fail', error: { code: 'not-leader' } }) });
    expect(stats.fail).toBeGreaterThan(3);
    // Without a brake these are thousands; a call that the machine delays begins the pauses anew.
    expect(stats.fail).toBeLessThan(100);
  });

  it('lets timers and sockets have their turn', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { stats } = await run({ generator: timeLimit(100, reads(1e9)) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
    expect(stats.ok).toBeGreaterThan(100);
  });
});

describe('nemeses', () => {
  it('complete as info with their result, and a throw is recorded while the run goes on', async () => {
    const nemeses = new Map([['kill', async ({ f, value }: { f: string; value: unknown }) => {
      if (f === 'stop') throw new FaultlineError('no-node', 'gone');
      return { kind: value, targets: ['n1'] };
    }]]);
    const { ops, stats } = await run({ generator: any(onNemesis('kill', phases({ f: 'start', value: 'one' }, { f: 'stop', value: 'one' })), reads(5)), nemeses });
    const faults = ops.filter((op) => op.process === 'nemesis/kill');
    expect(faults.map((op) => [op.type, op.f, op.value, op.error?.code])).toEqual([
      ['invoke', 'start', 'one', undefined],
      ['info', 'start', { kind: 'one', targets: ['n1'] }, undefined],
      ['invoke', 'stop', 'one', undefined],
      ['info', 'stop', 'one', 'no-node'],
    ]);
    expect(stats).toMatchObject({ ok: 5, faults: 2, faultErrors: 1 });
  });
});

describe('the end', () => {
  it('comes at once with the signal: what is open is recorded as info', async () => {
    const controller = new AbortController();
    const signals: AbortSignal[] = [];
    const running = run({
      generator: any(reads(100), onNemesis('n', { f: 'start', value: 1 })),
      nemeses: new Map([['n', () => never]]),
      signal: controller.signal,
      invoke: (_call, signal) => (signals.push(signal), signals.length === 3 && controller.abort(), never),
    });
    const { ops, stats } = await running;
    expect(completions(ops).map((op) => [op.type, op.error?.code])).toEqual(Array(completions(ops).length).fill(['info', 'interrupted']));
    expect(stats).toMatchObject({ interrupted: true, info: 3, processes: [3, 4, 5] });
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('comes before it begins if the signal was aborted already', async () => {
    expect((await run({ generator: reads(5), signal: AbortSignal.abort() })).ops).toEqual([]);
  });

  it('comes while a client is being opened, without a trace of the operation', async () => {
    const controller = new AbortController();
    const { ops } = await run({ generator: reads(5), signal: controller.signal, openClient: () => (controller.abort(), never) });
    expect(ops).toEqual([]);
  });

  it('comes in the pause after a client could not be opened, without a trace of the operation', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const { ops } = await run({ generator: reads(5), signal: controller.signal, openClient: () => Promise.reject(new Error('down')) });
    await pause(60);
    expect(ops).toEqual([]);
  });

  it('comes before a call whose invocation could not be recorded', async () => {
    let calls = 0;
    const record = (): never => { throw new FaultlineError('journal-write', 'full'); };
    await expect(run({ generator: reads(3), record, invoke: (call, signal, client) => (calls++, ok(call, signal, client)) })).rejects.toThrow('full');
    expect(calls).toBe(0);
  });

  it('waits for what is open when the generator is done', async () => {
    const { ops } = await run({ generator: timeLimit(20, clients(repeat({ f: 'r' }))), invoke: async () => (await pause(60), { type: 'ok', value: 1 }) });
    expect(completions(ops).map((op) => op.type)).toEqual(['ok', 'ok', 'ok']);
  });

  it('wakes for a moment that comes before the one it was waiting for', async () => {
    const { stats } = await run({ generator: timeLimit(3_600_000, clients(phases({ f: 'slow' }, sleep(10), { f: 'r' }))), invoke: async () => (await pause(20), { type: 'ok', value: 1 }) });
    expect(stats.ok).toBe(2);
  });

  it('ends a pending generator at its time limit', async () => {
    const { stats } = await run({ generator: timeLimit(30, any(sleep(1e9), reads(3))) });
    expect(stats.ok).toBe(3);
    expect(stats.durationNs).toBeGreaterThanOrEqual(30e6);
  });

  it.each<[string, Partial<InterpreterOptions>, object]>([
    ['the generator throws', { generator: clients(validate('mine', () => { throw new Error('boom'); })) }, { code: 'generator-invalid', message: 'the generator of mine threw: boom' }],
    ['it waits for what cannot come', { generator: withState(0, (n) => n, () => 'pending') }, { code: 'generator-stuck' }],
    ['its update throws', { generator: clients(withState(0, () => { throw new Error('bang'); }, () => ({ f: 'r' }))) }, { code: 'generator-invalid' }],
    ['recording fails', { generator: reads(10), record: () => { throw new FaultlineError('journal-write', 'full'); } }, { code: 'journal-write' }],
    ['back-pressure fails', { generator: reads(10), ready: () => Promise.reject(new Error('sink')) }, { message: 'sink' }],
  ])('comes with an error if %s', async (_, options, error) => {
    await expect(run(options)).rejects.toMatchObject(error);
  });

  it('leaves a well-formed history when the generator throws in the middle', async () => {
    const ops: Op[] = [];
    const generator = clients(delay(1, withState(0, (n) => n + 1, (n) => {
      if (n > 20) throw new Error('enough');
      return { f: 'r' };
    })));
    await expect(run({ generator, ops, invoke: async () => (await pause(5), { type: 'ok', value: 1 }) })).rejects.toThrow(/enough/);
    expect(History.from(ops).operations.every(({ completion }) => completion !== undefined)).toBe(true);
    expect(ops.length).toBeGreaterThan(20);
  });
});

describe('back-pressure', () => {
  it('holds invocations until the sink is ready', async () => {
    let behind: Promise<void> | undefined;
    const overtaken: boolean[] = [];
    const ops: Op[] = [];
    const { stats } = await run({
      generator: reads(50),
      ops,
      ready: () => behind,
      invoke: async (call, signal, client) => {
        overtaken.push(behind !== undefined);
        if (ops.length % 10 === 0) behind = pause(2).then(() => void (behind = undefined));
        return ok(call, signal, client);
      },
    });
    expect(stats.ok).toBe(50);
    expect(overtaken).not.toContain(true);
  });
});

it('the pace of the generator is kept on a real clock', async () => {
  const { ops } = await run({ generator: clients(limit(10, delay(10, repeat({ f: 'r' })))) });
  const invoked = ops.filter((op) => op.type === 'invoke').map((op) => op.time / 1e6);
  const first = invoked[0] ?? 0;
  for (const [i, time] of invoked.entries()) expect(time - first).toBeGreaterThanOrEqual(i * 10 - 10);
});
