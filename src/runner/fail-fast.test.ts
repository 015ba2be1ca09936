import { describe, expect, it } from 'vitest';
import type { Op } from '../history/op.js';
import type { Anomaly, HistoryMonitor } from './checker.js';
import { earlyEndNote, earlyEndOf, FailFast } from './fail-fast.js';

const ANOMALY: Anomaly = { kind: 'not-linearizable', message: 'read 7 found what was gone', ops: [2], key: 'k1' };

function event(index: number): Op {
  return { index, time: index, process: 0, type: 'invoke', f: 'read', value: null };
}

function finds(at: number): HistoryMonitor {
  return { observe: (op) => (op.index === at ? ANOMALY : undefined) };
}

describe('failing fast', () => {
  it('finds once, at the event of the first monitor that does', () => {
    const failFast = new FailFast([finds(3), finds(2)], () => undefined);
    expect([0, 1, 2, 3, 4].map((index) => failFast.observe(event(index)))).toEqual([false, false, true, false, false]);
    expect(failFast.found).toEqual({ event: 2, message: 'key k1: read 7 found what was gone' });
  });

  it('leaves a monitor out that throws, and says so', () => {
    const troubles: string[] = [];
    const broken: HistoryMonitor = { observe: () => { throw new Error('no such state'); } };
    const failFast = new FailFast([broken, finds(1)], (trouble) => troubles.push(trouble));
    expect([failFast.observe(event(0)), failFast.observe(event(1))]).toEqual([false, true]);
    expect(troubles).toEqual([expect.stringMatching(/#0 .* no such state/)]);
  });

  it('tells what was not followed', () => {
    expect(new FailFast([finds(1), { ...finds(1), unfollowed: '2 of 3 keys' }], () => undefined).unfollowed).toEqual(['2 of 3 keys']);
  });

  it('is told by the history', () => {
    const found = { event: 4, message: 'gone' };
    expect(earlyEndOf([event(0), { ...event(1), process: 'runner', type: 'info', ...earlyEndNote(found) }])).toEqual(found);
    expect(earlyEndOf([event(0)])).toBeUndefined();
  });
});
