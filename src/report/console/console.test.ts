import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { realClock, type Clock } from '../../time/clock.js';
import { syntheticRun } from '../testing/synthetic-run.js';
import { wrap } from '../text.js';
import { Progress, summaryText } from './index.js';

const OPTIONS = { columns: 80, color: false, reportPath: 'results/latest/report.html', runDir: 'results/my run' };
const ESCAPE = '\u001b';

describe('summaryText', () => {
  const { results, plan } = syntheticRun({ seed: 1, operations: 200, verdict: 'invalid' });

  it('says first what the verdict is, and last how to go on', () => {
    const lines = summaryText(results, plan, OPTIONS).trim().split('\n');
    expect(lines[0]).toBe('✗ INVALID: a promise was broken');
    expect(lines).toContain(`run again   ${plan.command}`);
    expect(lines).toContain("check again faultline check 'results/my run'");
    expect(lines).toContain('report      results/latest/report.html');
    expect(lines.join(' ')).toContain(results.checkers[0]?.anomalies[1]?.kind);
  });

  it.each([
    [{ verdict: 'valid' as const }, '✓ VALID'],
    [{ verdict: 'invalid' as const, kind: 'liveness' as const }, '✗ INVALID: safe but stuck'],
    [{ verdict: 'unknown' as const, kind: 'coverage' as const }, '? UNKNOWN'],
  ])('words %j', (verdict, words) => {
    const { kind: _kind, ...rest } = results;
    expect(summaryText({ ...rest, ...verdict }, plan, OPTIONS).trim()).toMatch(new RegExp(`^\\${words[0] ?? ''}${words.slice(1)}`));
  });

  it('keeps to the width, but for what is there to be copied', () => {
    for (const columns of [40, 60, 80]) {
      const lines = summaryText(results, plan, { ...OPTIONS, columns }).split('\n');
      for (const line of lines.filter((text) => !/^(report|run again|check again) /.test(text))) expect(line.length).toBeLessThan(columns);
    }
  });

  it('drops no figure on a narrow terminal', () => {
    const lines = summaryText(results, plan, { ...OPTIONS, columns: 50 }).split('\n');
    expect(lines.find((line) => line.startsWith('read '))).toMatch(/100 .* 3 .* 4 .*3\.21 ms .*45\.6 ms 1\.23 s$/);
  });

  it('says the same with color and without', () => {
    const plain = summaryText(results, plan, OPTIONS);
    const colored = summaryText(results, plan, { ...OPTIONS, color: true });
    expect(plain).not.toContain(ESCAPE);
    expect(colored).toContain(ESCAPE);
    expect(colored.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).toBe(plain);
  });

  it('obeys no control character from outside', () => {
    const hostile = syntheticRun({ seed: 1, operations: 50, verdict: 'invalid', hostile: `${ESCAPE}[2J\u202e` });
    const text = summaryText(hostile.results, hostile.plan, OPTIONS);
    expect(text).not.toContain(ESCAPE);
    expect(text).not.toContain('\u202e');
    expect(text).toContain('\\u001b[2J');
  });
});

describe('Progress', () => {
  let now = 0;
  const clock: Clock = { ...realClock(), now: () => now };
  beforeEach(() => {
    now = 0;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => void vi.useRealTimers());

  function progress(terminal: boolean, columns = 60): { readonly made: Progress; readonly written: string[]; readonly pass: (ms: number) => void } {
    const written: string[] = [];
    const made = new Progress({ write: (text) => void written.push(text), terminal, columns, color: false, totalMs: 30_000, clock });
    const pass = (ms: number): void => {
      now += ms * 1e6;
      vi.advanceTimersByTime(ms);
    };
    return { made, written, pass };
  }

  it('off a terminal writes a plain line at each phase and every 5 s', () => {
    const { made, written, pass } = progress(false);
    made.phase('provision');
    made.phase('load');
    for (const op of syntheticRun({ seed: 1, operations: 100 }).ops.filter(({ time }) => time < 4e9)) made.event(op);
    pass(4_900);
    expect(written).toHaveLength(2);
    pass(100);
    expect(written[2]).toMatch(/^load 5 s of 30 s {2}\d+ ok, .*leader n3 {2}faults: partition majority-minority: n1, n2 \(stall\)\n$/);
    made.end();
    pass(20_000);
    expect(written).toHaveLength(3);
    expect(written.join('')).not.toContain(ESCAPE);
  });

  it('on a terminal redraws one block in place, no line as wide as the terminal, and removes it', () => {
    const { made, written, pass } = progress(true, 44);
    made.phase('load');
    for (const op of syntheticRun({ seed: 1, operations: 100, hostile: `${ESCAPE}[31m` }).ops) made.event(op);
    pass(200);
    const [first = '', second = ''] = written;
    const lines = first.split('\n').length - 1;
    expect(second.startsWith(`${ESCAPE}[${lines}A\r${ESCAPE}[J`)).toBe(true);
    for (const line of second.slice(second.indexOf('J') + 1).split('\n')) {
      expect(line.length).toBeLessThan(44);
      expect(line).not.toContain(ESCAPE);
    }
    made.end();
    made.end();
    expect(written.at(-1)).toBe(`${ESCAPE}[${second.slice(second.indexOf('J') + 1).split('\n').length - 1}A\r${ESCAPE}[J`);
    expect(written).toHaveLength(3);
  });

  it('counts what is open', () => {
    const { made, written } = progress(false);
    made.event({ index: 0, time: 1, process: 0, type: 'invoke', f: 'read', value: null });
    made.event({ index: 1, time: 2, process: 1, type: 'invoke', f: 'read', value: null });
    made.event({ index: 2, time: 3, process: 1, type: 'info', f: 'read', value: null });
    made.phase('load');
    expect(written[0]).toContain('0 ok, 0 fail, 1 unknown, 1 open');
    made.end();
  });
});

describe('wrap', () => {
  it('keeps every character but spaces, and the width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
