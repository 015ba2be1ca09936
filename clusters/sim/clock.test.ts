import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimClock } from './clock.js';

/** More than enough for several breaths. */
const MANY = 20_000;

describe('the order of simulated time', () => {
  it('is that of the moments, and of one moment that of the asking', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ ms: fc.nat(5), cancelled: fc.boolean(), then: fc.option(fc.nat(5), { nil: undefined }) }), { maxLength: 60 }), async (actions) => {
      const clock = new SimClock();
      const happened: { readonly at: number; readonly asked: number }[] = [];
      let asked = 0;
      const plan = (ms: number, then?: number) => {
        const [atMs, order] = [clock.nowMs + ms, asked++];
        return clock.in(ms, () => {
          expect(clock.nowMs).toBe(atMs);
          happened.push({ at: atMs, asked: order });
          if (then !== undefined) plan(then);
        });
      };
      for (const { ms, cancelled, then } of actions) {
        const due = plan(ms, then);
        if (cancelled) due.run = undefined;
      }
      await clock.sleep(100);
      expect(happened).toEqual([...happened].sort((a, b) => a.at - b.at || a.asked - b.asked));
      expect(happened.length).toBe(actions.flatMap(({ cancelled, then }) => (cancelled ? [] : then === undefined ? [0] : [0, 0])).length);
    }));
  });

  it('is the same however often the process takes a breath', async () => {
    const clock = new SimClock();
    const moments = Array.from({ length: MANY }, (_, i) => (i * 7919) % 1000);
    const seen: number[] = [];
    moments.forEach((ms, i) => clock.in(ms, () => seen.push(i)));
    await clock.sleep(1000);
    expect(seen).toEqual(moments.map((ms, i) => ({ ms, i })).sort((a, b) => a.ms - b.ms || a.i - b.i).map(({ i }) => i));
    expect(clock.actions).toBe(MANY + 1);
  });

  it('gives the process a breath now and then, so that its signals are seen', async () => {
    const clock = new SimClock();
    let beforeMs: number | undefined;
    setImmediate(() => void (beforeMs ??= clock.nowMs));
    for (let ms = 1; ms <= MANY; ms++) clock.in(ms, () => undefined);
    await clock.sleep(MANY);
    expect(beforeMs).toBeLessThan(MANY);
  });

  it('has no moment between two nanoseconds, and none before now', async () => {
    const clock = new SimClock();
    const at: number[] = [];
    clock.in(1e-7, () => at.push(clock.now()));
    clock.in(1.000_000_1, () => {
      at.push(clock.now());
      clock.at(0, () => at.push(clock.now()));
    });
    await clock.sleep(5);
    expect(at).toEqual([1, 1_000_001, 1_000_001]);
  });

  it('begins on the same day in every run', () => {
    expect(new Date(new SimClock().wallMs()).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  });

  it('goes on again after all have waited for nothing', async () => {
    const clock = new SimClock();
    await clock.sleep(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.nowMs).toBe(1);
    await clock.sleep(1);
    expect(clock.nowMs).toBe(2);
  });
});

describe('whoever waits for a promise', () => {
  /** What goes on over many turns before it asks for something itself. */
  async function slowly(clock: SimClock, turns: number): Promise<number> {
    for (let i = 0; i < turns; i++) await Promise.resolve();
    return clock.nowMs;
  }

  it('has had its turn before the next action, even of the same moment', async () => {
    const clock = new SimClock();
    const order: string[] = [];
    clock.in(1, () => {
      order.push('a');
      void slowly(clock, 50).then((ms) => order.push(`resolved at ${ms}`));
    });
    clock.in(1, () => order.push('b'));
    clock.in(2, () => order.push('c'));
    await clock.sleep(3);
    expect(order).toEqual(['a', 'resolved at 1', 'b', 'c']);
  });

  it('has had it at every one of many actions, at a breath too', async () => {
    const clock = new SimClock();
    let late = 0;
    for (let ms = 1; ms <= MANY; ms++) clock.in(ms, () => void slowly(clock, 3).then((then) => (late += then === ms ? 0 : 1)));
    await clock.sleep(MANY + 1);
    expect(late).toBe(0);
  });

  it('may ask for the next action before those that were planned', async () => {
    const clock = new SimClock();
    const order: string[] = [];
    clock.in(5, () => order.push('planned'));
    await clock.sleep(1);
    await slowly(clock, 10);
    await clock.sleep(1).then(() => order.push('asked'));
    await clock.sleep(10);
    expect(order).toEqual(['asked', 'planned']);
  });
});

describe('plain actions', () => {
  /** What happens, promises included, when these are planned for one moment each. */
  async function order(patient: boolean, stirs: boolean): Promise<readonly string[]> {
    const clock = new SimClock({ patient });
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      clock.in(1, () => {
        seen.push(name);
        void Promise.resolve().then(() => seen.push(`after ${name}`));
        if (stirs && name === 'b') clock.stir();
      }, 'plain');
    }
    await clock.sleep(2);
    return seen;
  }

  it('let no promise go on before the next action, unless they say so', async () => {
    expect(await order(false, false)).toEqual(['a', 'b', 'c', 'after a', 'after b', 'after c']);
    expect(await order(false, true)).toEqual(['a', 'b', 'after a', 'after b', 'c', 'after c']);
    expect(await order(true, false)).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c']);
  });

  it('take their breaths as others do', async () => {
    const clock = new SimClock();
    let beforeMs: number | undefined;
    setImmediate(() => void (beforeMs ??= clock.nowMs));
    for (let ms = 1; ms <= MANY; ms++) clock.in(ms, () => undefined, 'plain');
    await clock.sleep(MANY);
    expect(beforeMs).toBeLessThan(MANY);
  });
});

describe('waiting in simulated time', () => {
  it('sleeps until the signal is aborted, with its reason, and leaves nothing behind', async () => {
    const clock = new SimClock();
    const stop = new AbortController();
    const reason = new Error('enough');
    clock.in(3, () => stop.abort(reason));
    await expect(clock.sleep(1, stop.signal)).resolves.toBeUndefined();
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    await expect(clock.sleep(100, stop.signal)).rejects.toBe(reason);
    expect(clock.nowMs).toBe(3);
    await expect(clock.sleep(1, stop.signal)).rejects.toBe(reason);
    expect(clock.nowMs).toBe(3);
  });

  it('calls back once, unless it was cancelled', async () => {
    const clock = new SimClock();
    const called: number[] = [];
    clock.after(2, () => called.push(clock.nowMs));
    clock.after(3, () => called.push(clock.nowMs))();
    await clock.sleep(10);
    expect(called).toEqual([2]);
  });

  it('aborts after so long, or with the first of other signals', async () => {
    const clock = new SimClock();
    const stop = new AbortController();
    const [late, early] = [clock.within(5), clock.within(5, new AbortController().signal, stop.signal)];
    await clock.sleep(4);
    stop.abort(new Error('enough'));
    expect([late.aborted, early.aborted]).toEqual([false, true]);
    expect(early.reason).toMatchObject({ message: 'enough' });
    await clock.sleep(1);
    expect(late.reason).toMatchObject({ name: 'TimeoutError', message: 'The operation was aborted: not done within 5 ms' });
  });

  it('ends with the end of time', async () => {
    const clock = new SimClock();
    const happened: string[] = [];
    clock.in(1, () => happened.push('before'));
    clock.in(2, () => {
      clock.stop();
      clock.in(1, () => happened.push('planned afterwards'));
    });
    clock.in(3, () => happened.push('planned before'));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(happened).toEqual(['before']);
    expect(clock.nowMs).toBe(2);
  });
});
