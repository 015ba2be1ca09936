import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { within } from './within.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a deadline', () => {
  it('comes, whatever the garbage collector does', async () => {
    const outer = new AbortController();
    const signals = Array.from({ length: 50 }, () => within(50, outer.signal));
    for (let i = 0; i < 10; i++) {
      collectGarbage();
      await sleep(1);
    }
    await expect.poll(() => signals.every(({ aborted }) => aborted), { timeout: 5000 }).toBe(true);
    expect((signals[0]?.reason as Error).name).toBe('TimeoutError');
  });

  it('may be a part of another', async () => {
    const outer = new AbortController();
    const signals = Array.from({ length: 50 }, () => within(60_000, within(50, outer.signal)));
    for (let i = 0; i < 10; i++) {
      collectGarbage();
      await sleep(1);
    }
    await expect.poll(() => signals.every(({ aborted }) => aborted), { timeout: 5000 }).toBe(true);
  });

  it('leaves no listeners behind at a signal that lives for long', () => {
    const outer = new AbortController();
    Array.from({ length: 50 }, () => within(60_000, outer.signal));
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  });

  it('ends with any of its signals, also with one that had ended before', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const signal = within(60_000, first.signal, second.signal);
    expect(signal.aborted).toBe(false);
    second.abort(new Error('enough'));
    expect([signal.aborted, (signal.reason as Error).message]).toEqual([true, 'enough']);
    first.abort(new Error('too late'));
    expect((signal.reason as Error).message).toBe('enough');
    expect((within(60_000, second.signal).reason as Error).message).toBe('enough');
  });
});
