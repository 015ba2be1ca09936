import { describe, expect, it } from 'vitest';
import type { Op } from '../../history/op.js';
import { syntheticRun } from '../testing/synthetic-run.js';
import { isWellFormed } from '../testing/well-formed.js';
import { clockChart, latencyChart, throughputChart } from './index.js';

const run = syntheticRun({ seed: 4, operations: 20_000, hostile: '</svg><script>&' });

describe.each([['latency', latencyChart], ['throughput', throughputChart]])('the %s chart', (_name, chart) => {
  it('is well-formed SVG whatever the history says, and small', () => {
    const svg = chart(run.ops);
    expect(isWellFormed(svg)).toBe(true);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toContain('<script');
    expect(svg.match(/<\w/g)?.length).toBeLessThan(150);
    expect(svg).not.toContain('NaN');
  });

  it('marks the faults', () => {
    expect(chart(run.ops).match(/class="band"/g)).toHaveLength(4);
  });

  it('can be drawn of nothing', () => {
    expect(isWellFormed(chart([]))).toBe(true);
    expect(chart([])).not.toMatch(/NaN|Infinity/);
  });
});

describe('the latency chart', () => {
  it('keeps a single slow operation among many', () => {
    const slow: readonly Op[] = [
      { index: 0, time: 1e9, process: 0, type: 'invoke', f: 'read', value: null },
      { index: 1, time: 1e9, process: 1, type: 'invoke', f: 'read', value: null },
      { index: 2, time: 1.001e9, process: 1, type: 'ok', f: 'read', value: 1 },
      { index: 3, time: 6e9, process: 0, type: 'ok', f: 'read', value: 1 },
    ];
    const faint = (svg: string): number => /class="ok faint" d="([^"]*)"/.exec(svg)?.[1]?.match(/M/g)?.length ?? 0;
    expect(faint(latencyChart(slow))).toBe(2);
    expect(latencyChart(slow)).toContain('>10 s<');
  });
});

describe('the clock chart', () => {
  const { ops } = syntheticRun({ seed: 4, operations: 100, clocks: true });
  const svg = clockChart(ops) ?? '';
  const note = (index: number, time: number, value: unknown): Op => ({ index, time: time * 1e9, process: 'monitor', type: 'info', f: 'clocks', value });
  const lines = (chart: string | undefined): readonly string[] => [...(chart ?? '').matchAll(/class="series [^"]*" d="([^"]*)"/g)].map((match) => match[1] ?? '').filter((d) => !d.endsWith('h18'));

  it('is well-formed SVG whatever the history says', () => {
    const hostile = clockChart(syntheticRun({ seed: 4, operations: 100, clocks: true, hostile: '</svg><script>&' }).ops) ?? '';
    for (const chart of [svg, hostile]) {
      expect(isWellFormed(chart)).toBe(true);
      expect(chart).not.toMatch(/<script|NaN|Infinity/);
    }
    expect(hostile).toContain('&lt;/svg&gt;');
  });

  it('is not drawn of a history that does not tell of clocks', () => {
    expect(clockChart(syntheticRun({ seed: 4, operations: 100 }).ops)).toBeUndefined();
    expect(clockChart([note(0, 1, 'nonsense'), note(1, 2, { n1: 'late' })])).toBeUndefined();
  });

  it('marks and names the faults of clocks, no others', () => {
    expect(svg.match(/class="band"/g)).toHaveLength(2);
    expect(svg).toMatch(/>scramble<[^]*>drift</);
  });

  it('says how far the clocks were off', () => {
    expect(svg).toMatch(/>n1 \+1\.5 min<[^]*>n2 −251 ms<[^]*>n3 \+1\.[45] s</);
    expect(svg).not.toMatch(/>n[45] [+−]/);
  });

  it('keeps milliseconds and minutes apart from zero, and from each other', () => {
    const heights = [0, 100, 1000, 60_000].map((ms) => {
      const line = lines(clockChart([note(0, 0, { n1: 0, n2: 90_000 }), note(1, 1, { n1: ms, n2: 0 }), note(2, 2, {})]))[0] ?? '';
      return Number(/V([\d.]+)/.exec(line)?.[1]);
    });
    for (let i = 1; i < heights.length; i++) expect((heights[i - 1] ?? 0) - (heights[i] ?? 0)).toBeGreaterThan(15);
  });

  it('breaks a line where its node did not answer, and has one for every node', () => {
    expect(lines(svg).map((line) => line.match(/M/g)?.length)).toEqual([1, 1, 1, 2, 1]);
  });

  it('tells many nodes apart, and stays small however often the clocks were read', () => {
    const values = Array.from({ length: 20 }, (_, i) => `n${i + 1}`);
    const chart = clockChart(Array.from({ length: 20_000 }, (_, i) => note(i, i / 100, Object.fromEntries(values.map((name, n) => [name, ((i * 7 + n) % 11) * 100])))));
    expect(new Set([...(chart ?? '').matchAll(/class="(series [^"]*)"/g)].map((match) => match[1])).size).toBe(20);
    expect(chart).toContain('>and 8 more<');
    expect(chart?.length).toBeLessThan(1_200_000);
  });
});

describe('isWellFormed', () => {
  it.each(['<a><b></a></b>', '<a>', '<a b=c/>', '<a>&x</a>', '<a/><b/>', '<a b="1" b="2"/>', 'x', ''])('refuses %j', (xml) => {
    expect(isWellFormed(xml)).toBe(false);
  });
});
