import { describe, expect, it } from 'vitest';
import { SimClock } from './clock.js';
import { SimNetwork } from './network.js';
import { CALM } from './setting.js';

describe('a narrow link', () => {
  it('lets go at once what has queued on it when it is wide again, in order', async () => {
    const clock = new SimClock();
    const arrived: { readonly message: unknown; readonly atMs: number }[] = [];
    const receivers = new Map([['b', { life: 1, deliver: (_: string, message: unknown) => void arrived.push({ message, atMs: clock.nowMs }) }]]);
    const net = new SimNetwork({ nodes: ['a', 'b'], clock, seed: 1, setting: CALM.network, receivers, describe: () => ({ sort: 'test' }), sortOf: () => 'test' });
    await net.apply('test', [{ from: 'a', to: 'b', bytesPerSecond: 100 }]);
    for (let i = 0; i < 20; i++) net.send('a', 'b', { i, filling: 'x'.repeat(80) });
    await clock.sleep(2500);
    const slow = arrived.length;
    await net.clear('test');
    await clock.sleep(10);
    net.send('a', 'b', 'later');
    await clock.sleep(10);
    expect([slow, arrived.length]).toEqual([2, 21]);
    expect(arrived.map(({ message }) => (message as { readonly i?: number }).i)).toEqual([...Array.from({ length: 20 }, (_, i) => i), undefined]);
    expect(arrived.at(-1)?.atMs).toBeLessThan(2525);
  });
});
