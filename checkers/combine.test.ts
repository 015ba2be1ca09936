import { describe, expect, it } from 'vitest';
import { FaultlineError, type Checker, type CheckResult, type Verdict } from '../src/index.js';
import { judge } from './combine.js';
import { checkerOf, checkers, standardCheckers } from './index.js';
import { CONTEXT, history } from './testing/script.js';

function fake(judges: Checker['judges'], valid: Verdict): Checker {
  return { name: `${judges}-${valid}`, description: '', judges, check: async (): Promise<CheckResult> => ({ valid, summary: `${judges} ${valid}`, anomalies: [] }) };
}

function throwing(error: unknown): Checker {
  return { name: 'broken', description: '', judges: 'safety', check: async () => { throw error; } };
}

const of = (...parts: readonly Checker[]): ReturnType<typeof judge> => judge(parts, history(), CONTEXT);

describe('judge', () => {
  it.each([
    [['safety', true], ['liveness', true], true, undefined],
    [['safety', false], ['liveness', false], false, 'safety'],
    [['coverage', 'unknown'], ['liveness', false], false, 'liveness'],
    [['coverage', 'unknown'], ['safety', true], 'unknown', 'coverage'],
    [['coverage', 'unknown'], ['safety', 'unknown'], 'unknown', 'safety'],
    [['coverage', false], ['safety', true], 'unknown', 'coverage'],
  ] as const)('merges %j and %j to %s (%s)', async (a, b, valid, kind) => {
    expect(await of(fake(a[0], a[1]), fake(b[0], b[1]))).toMatchObject({ valid, kind });
  });

  it('says safe but stuck', async () => {
    expect((await of(fake('safety', true), fake('liveness', false))).summary).toBe('invalid: safe but stuck: liveness false');
  });

  it('isolates a crash: no verdict of its own, none of true for the run, no harm to a false', async () => {
    const crash = throwing(new Error('oops'));
    expect(await of(crash, fake('safety', true))).toMatchObject({ valid: 'unknown', crashed: ['broken'], outcomes: [{ status: 'crash', error: 'oops' }, { status: 'judged' }] });
    expect(await of(crash, fake('safety', false))).toMatchObject({ valid: false, kind: 'safety', crashed: ['broken'] });
  });

  it('passes on a mistake of the caller', async () => {
    await expect(of(throwing(new FaultlineError('x', 'wrong model', { kind: 'usage' })))).rejects.toThrow('wrong model');
  });

  it('takes a verdict that is none for a crash', async () => {
    expect((await of(fake('safety', 'yes' as unknown as Verdict))).crashed).toEqual(['safety-yes']);
  });
});

describe('the registry of checkers', () => {
  it('makes checkers by name and refuses what it does not know', () => {
    expect(checkerOf({ checker: 'linearizable', options: { model: 'register', init: null } }).name).toBe('linearizable');
    for (const [name, make] of Object.entries(checkers)) if (name !== 'linearizable') expect(make().name.split('/')[0]).toBe(name);
    expect(() => checkerOf({ checker: 'linear' })).toThrow(/no checker "linear"/);
    expect(() => checkerOf({ checker: 'append', options: { speed: 1 } })).toThrow(/checker append/);
    expect(() => checkerOf({ checker: 'linearizable' })).toThrow(/checker linearizable: model/);
    expect(standardCheckers.map(({ name }) => name)).toEqual(['stats', 'liveness', 'coverage']);
  });
});
