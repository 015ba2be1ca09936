import { describe, expect, it } from 'vitest';
import type { Op } from '../../history/op.js';
import { syntheticRun } from '../testing/synthetic-run.js';
import { isWellFormed } from '../testing/well-formed.js';
import { latencyChart, throughputChart } from './index.js';

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

describe('isWellFormed', () => {
  it.each(['<a><b></a></b>', '<a>', '<a b=c/>', '<a>&x</a>', '<a/><b/>', '<a b="1" b="2"/>', 'x', ''])('refuses %j', (xml) => {
    expect(isWellFormed(xml)).toBe(false);
  });
});
