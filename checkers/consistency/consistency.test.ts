import { describe, expect, it } from 'vitest';
import { History, realClock, type Op, type Verdict } from '../../src/index.js';
import { CONTEXT } from '../testing/script.js';
import { consistency, GUARANTEES, judgeLevel, LEVELS, weakerPromises, type Level, type WeakerPromises } from './index.js';

/** Events of sessions, each `process: f key argument [result]`, one after the other: sessions order nothing between them. */
function sessions(...lines: readonly string[]): History {
  const ops = lines.flatMap((line, i): readonly Op[] => {
    const [process = '', f = '', key = '', json = 'null', outcome = 'ok'] = line.replace(':', '').split(' ');
    const value: unknown = JSON.parse(json);
    const common = { time: i * 1e6, process: Number(process), f, ...(key === '-' ? {} : { key }) };
    const invoke: Op = { ...common, index: 2 * i, type: 'invoke', value: f === 'read' ? null : value };
    return [invoke, { ...common, index: 2 * i + 1, type: outcome as Op['type'], value }];
  });
  return History.from(ops);
}

const judge = (...lines: readonly string[]): WeakerPromises => weakerPromises(sessions(...lines).clientOperations(), { timeLimitMs: 10_000 });

function verdicts(found: WeakerPromises): Readonly<Record<Level, Verdict>> {
  return Object.fromEntries(LEVELS.map((level) => [level, found.levels[level].valid])) as Record<Level, Verdict>;
}

describe('litmus tests', () => {
  it.each([
    ['store buffering', ['0: write x 1', '0: read y null', '1: write y 2', '1: read x null'], 'cache'],
    ['store buffering, one session in time', ['0: write x 1', '0: read y null', '1: write y 2', '1: read x 1'], 'sequential'],
    ['message passing', ['0: write x 1', '0: write y 2', '1: read y 2', '1: read x null'], 'cache'],
    ['message passing, in order', ['0: write x 1', '0: write y 2', '1: read y null', '1: read x 1'], 'sequential'],
    ['independent reads of independent writes', ['0: write x 1', '1: write y 2', '2: read x 1', '2: read y null', '3: read y 2', '3: read x null'], 'cache'],
    ['load buffering', ['0: read x 2', '0: write y 1', '1: read y 1', '1: write x 2'], 'cache'],
    ['write to read causality', ['0: write x 1', '1: read x 1', '1: write y 2', '2: read y 2', '2: read x null'], 'cache'],
    ['2+2W', ['0: write x 1', '0: write y 2', '1: write y 3', '1: write x 4', '2: read x 4', '2: read x 1', '3: read y 2', '3: read y 3'], 'cache'],
    ['a session that lags', ['0: write x 1', '0: write x 2', '1: read x 1', '0: read x 2', '1: read x 1', '1: read x 2'], 'sequential'],
  ])('%s', (_, lines, strongest) => {
    expect(judge(...lines).strongest).toBe(strongest);
  });

  it('coherence of reads: two sessions see two writes in different orders', () => {
    const found = judge('0: write x 1', '1: write x 2', '2: read x 1', '2: read x 2', '3: read x 2', '3: read x 1');
    expect(found.strongest).toEqual(['read-your-writes', 'monotonic-writes', 'writes-follow-reads']);
  });

  it('coherence across guarantees: each may hold, and no order of versions serves them all', () => {
    const found = judge('0: write x 1', '0: write x 2', '1: read x 2', '1: read x 1');
    // Monotonic reads want 2 before 1, monotonic writes 1 before 2.
    expect(found).toMatchObject({ strongest: 'all-session-guarantees', levels: { cache: { valid: false } } });
  });
});

describe('session guarantees', () => {
  it.each([
    ['read-your-writes', ['0: write x 1', '0: read x null']],
    ['monotonic-reads', ['0: write x 1', '1: read x 1', '1: read x null']],
    ['writes-follow-reads', ['0: read x 1', '0: write x 1']],
  ])('%s is the only one violated', (level, lines) => {
    expect(judge(...lines).strongest).toEqual(GUARANTEES.filter((guarantee) => guarantee !== level));
  });

  it('monotonic writes: a cas that shows the order', () => {
    // Only a cas shows an order of writes; so the session that made it saw what it wrote later.
    const found = judge('0: cas x [3,2]', '0: write x 3');
    expect(verdicts(found)).toMatchObject({ 'read-your-writes': true, 'monotonic-reads': true, 'monotonic-writes': false, 'writes-follow-reads': false });
  });

  it('tells the cycle in words', () => {
    const stale = judge('2: write x 5', '3: cas x [5,7]', '3: read x 7', '3: read x 5');
    expect(stale.levels['monotonic-reads'].anomalies[0]).toMatchObject({
      kind: 'not-monotonic-reads',
      key: 'x',
      message: 'process 3 read 7 (#4–#5) and later read 5 (#6–#7), so 7 should be older than 5; but 5 is older than 7 (cas 5 → 7 (#2–#3, process 3) made 7 of 5).',
      ops: [2, 3, 4, 5, 6, 7],
    });
  });

  it('are all violated by a value from nowhere', () => {
    const found = judge('0: write x 1 fail', '1: read x 1');
    expect(found.strongest).toEqual([]);
    expect(found.levels['read-your-writes'].anomalies[0]?.message).toBe('read 1 (#2–#3, process 1) saw 1, but the only operation that would have written it failed: write 1 (#0–#1, process 0, failed).');
  });
});

describe('explanations', () => {
  it('tell what contradicts in store buffering', () => {
    const [anomaly] = judge('0: write x 1', '0: read y null', '1: write y 2', '1: read x null').levels.sequential.anomalies;
    expect(anomaly?.kind).toBe('no-order-of-operations');
    expect(anomaly?.ops).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(anomaly?.message).toContain('write 1 on x (#0–#1, process 0), then in the same session read null on y (#2–#3, process 0); the initial value null of y was over before write 2 on y');
  });

  it('tell why a key has no order', () => {
    const [anomaly] = judge('0: write x 1', '1: write x 2', '2: read x 1', '2: read x 2', '3: read x 2', '3: read x 1').levels.cache.anomalies;
    expect(anomaly?.message).toContain('After read 1 (#4–#5, process 2) the same session did read 2 (#6–#7, process 2), so the time of 1 was before that of 2');
  });
});

describe('what is unknown about operations', () => {
  it('an indeterminate write takes effect after what its session did before it, not before what it did next', () => {
    expect(judge('0: write x 1 info', '0: read x null', '0: read x 1').strongest).toBe('sequential');
    expect(judge('0: write x 1', '0: write x 2 info', '1: read x 2', '1: read x 1').levels.cache.valid).toBe(false);
  });

  it('an indeterminate write that nobody saw says nothing', () => {
    expect(judge('0: write x 1', '0: write x 2 info', '0: read x 1').strongest).toBe('sequential');
  });

  it('an indeterminate cas must find its value if its own was seen', () => {
    expect(judge('0: cas x [7,8] info', '1: read x 8').strongest).toEqual([]);
  });
});

describe('values that repeat', () => {
  it('are searched; session guarantees are known if the key is cache consistent', () => {
    expect(judge('0: write x 1', '1: write x 1', '2: read x 1', '2: read x null').levels['monotonic-reads']).toMatchObject({
      valid: 'unknown',
      summary: 'undecided: key x: not applicable, as the value 1 is written more than once',
    });
    expect(judge('0: write x 1', '1: write x 1', '2: read x 1').strongest).toBe('sequential');
  });

  it('do not hide a violation on another key', () => {
    const found = judge('0: write x 1', '1: write x 1', '2: read x 1', '2: read x null', '0: write y 1', '0: read y null');
    expect(found.levels['read-your-writes'].valid).toBe(false);
    expect(found.undecided).toEqual(['monotonic-reads', 'monotonic-writes', 'writes-follow-reads']);
  });

  it('leave a search undecided at its limit, and say how far it came', () => {
    const lines = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((p) => [`${p}: write x 1`, `${p}: write x 2`, `${p}: write x 3`]);
    const history = sessions(...lines, '10: read x 8', '10: write x 9', '11: read x 9', '11: write x 8');
    let now = 0;
    const clock = { ...realClock(), now: () => (now += 1e6) };
    const found = judgeLevel('sequential', history.clientOperations(), { timeLimitMs: 5, clock });
    expect(found.valid).toBe('unknown');
    expect(found.summary).toMatch(/^undecided: the time limit was hit with \d+ of 28 operations in order$/);
  });
});

describe('weakerPromises', () => {
  it('takes linearizability for an answer to everything', () => {
    const found = weakerPromises(sessions('0: write x 1', '0: read x null').clientOperations(), { timeLimitMs: 1000, linearizable: true });
    expect(found.strongest).toBe('linearizable');
    expect(Object.values(verdicts(found))).toEqual(LEVELS.map(() => true));
  });

  it('knows the initial value', () => {
    const operations = sessions('0: read - 0', '0: write - 1', '1: read - 0').clientOperations();
    expect(weakerPromises(operations, { initial: 0, timeLimitMs: 1000 }).strongest).toBe('sequential');
    expect(weakerPromises(operations, { timeLimitMs: 1000 }).strongest).toEqual([]);
  });

  it('refuses what is no operation of a register', () => {
    expect(() => judge('0: append x 1')).toThrow('not an operation of a register: append 1');
  });
});

describe('the checker consistency', () => {
  it.each(LEVELS)('judges %s', async (level) => {
    const result = await consistency({ level }).check(sessions('0: write x 1', '0: read x 1'), CONTEXT);
    expect(result).toMatchObject({ valid: true, anomalies: [], details: { level } });
  });

  it('uses the initial value of its options over that of the context', async () => {
    const history = sessions('0: read x 5');
    expect(await consistency({ level: 'cache', init: 5 }).check(history, { ...CONTEXT, initial: 4 })).toMatchObject({ valid: true });
    expect(await consistency({ level: 'cache' }).check(history, { ...CONTEXT, initial: 4 })).toMatchObject({ valid: false });
  });

  it('refuses an unknown level', () => {
    expect(() => consistency({ level: 'causal' as Level })).toThrow('there is no level of consistency "causal"');
  });
});
