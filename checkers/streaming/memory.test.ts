import { describe, expect, it } from 'vitest';
import { modelOf } from '../linearizable/index.js';
import { counterService, listService, longRun, registerService, type Service } from '../testing/long-run.js';
import { streamingMonitor, type Watching } from './index.js';

interface Peak {
  readonly configurations: number;
  readonly bytes: number;
  readonly last: Watching;
}

/** Watches so many events of a correct service on one key; what was held at most. */
function peakOf<S>(model: string, service: Service<S>, events: number, run: Parameters<typeof longRun>[1]): Peak {
  const monitor = streamingMonitor(modelOf(model));
  let [configurations, bytes] = [0, 0];
  for (const op of longRun(service, run)) {
    if (op.index === events) break;
    if (monitor.observe(op) !== undefined) expect.fail(`a violation at #${op.index}`);
    const { watching } = monitor;
    configurations = Math.max(configurations, watching.configurations);
    bytes = Math.max(bytes, watching.bytes);
  }
  return { configurations, bytes, last: monitor.watching };
}

describe('what a monitor holds', () => {
  it('is bounded by the number of clients over 200,000 operations of a register', { timeout: 120_000 }, () => {
    const { configurations, bytes, last } = peakOf('cas-register', registerService('unique'), 400_000, { clients: 10, seed: 1 });
    expect(configurations).toBeLessThan(64);
    expect(bytes).toBeLessThan(32_000);
    expect(last).toMatchObject({ keys: 1, givenUp: 0 });
  });

  it('grows by no more than a value for each crashed operation', { timeout: 120_000 }, () => {
    const crashes = 0.005;
    const events = 40_000;
    const { configurations, last } = peakOf('cas-register', registerService('unique'), events, { clients: 10, seed: 2, crashes });
    expect(configurations).toBeLessThan(64 + 2 * crashes * events);
    expect(last.givenUp).toBe(0);
  });

  it.each<[string, Service<unknown>, number]>([
    ['cas-register', registerService(5), 200],
    ['counter', counterService, 50],
    ['append-list', listService, 50],
  ])('is bounded for a frontier: %s', { timeout: 120_000 }, (model, service, bound) => {
    const { configurations, last } = peakOf(model, service, 2000, { clients: 4, seed: 3 });
    expect(configurations).toBeLessThan(bound);
    expect(last.givenUp).toBe(0);
  });

  it('is little for a key that nobody uses any more, and past a number of keys the idle ones are given up', () => {
    const watch = (maxKeys: number): Watching => {
      const monitor = streamingMonitor(modelOf('cas-register'), { maxKeys });
      let index = 0;
      for (let key = 0; key < 100; key++) {
        for (const op of longRun(registerService('unique'), { clients: 3, seed: key, calls: 100 })) {
          if (monitor.observe({ ...op, key, index, time: index++ }) !== undefined) expect.fail(`a violation at #${op.index}`);
        }
      }
      return monitor.watching;
    };
    const all = watch(1000);
    expect(all).toMatchObject({ keys: 100, givenUp: 0 });
    expect(all.bytes / all.keys).toBeLessThan(1000);
    expect(watch(10)).toMatchObject({ keys: 100, givenUp: 90, reasons: { 'too many keys': 90 } });
  });
});
