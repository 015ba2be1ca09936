import { describe, expect, it } from 'vitest';
import type { TracedMessage } from '../../history/trace.js';
import { NS_PER_MS } from '../../time/clock.js';
import { messagesBetween } from './causal.js';
import { linksText } from './links.js';
import { livesOf } from './lives.js';
import { storyOf } from './story.js';
import { staleRead } from './testing/stale-read.js';

const ms = (ns: number): number => ns / NS_PER_MS;

describe('storyOf', () => {
  it('begins with the fault that led to the anomaly and ends with its last operation', () => {
    const input = staleRead({ seed: 1 });
    const { window, operations } = storyOf(input, input.anomalies[0]);
    const ends = operations.map(({ operation }) => operation.completion?.time ?? 0);
    expect(ms(window.fromNs)).toBe(200);
    expect(window.toNs).toBe(Math.max(...ends));
    expect(window.since).toContain('partition');
  });

  it('begins with the change of leader if no fault is in force, from the candidacy on', () => {
    const input = staleRead({ seed: 1 });
    const { window } = storyOf({ ...input, ops: input.ops.filter(({ process }) => typeof process === 'number') }, input.anomalies[0]);
    expect(window.since).toBe('n3 becomes leader');
    expect(ms(window.fromNs)).toBe(290);
  });

  it('has lanes for the clients that the anomaly names and those on the same key, not for all', () => {
    const input = staleRead({ seed: 1, busy: 30 });
    const { lanes } = storyOf(input, input.anomalies[0]);
    expect(lanes.map(({ label }) => label)).toEqual(['client 2', 'client 1', 'n1', 'n2', 'n3', 'n4', 'n5']);
  });

  it('leaves out routine first, then what is far in time, never what carried the operations, and says so', () => {
    const input = staleRead({ seed: 2, busy: 80 });
    const { messages, leftOut, carried } = storyOf(input, input.anomalies[0]);
    expect(messages.length).toBe(250);
    expect(messages.some(({ message }) => message.routine)).toBe(false);
    expect(leftOut.join()).toMatch(/\d+ routine messages.*far in time/);
    const shown = new Set(messages.map(({ message }) => message));
    for (const one of carried) for (const message of one.messages) expect(shown.has(message)).toBe(true);
  });

  it('caps clients and operations, and counts those it leaves out', () => {
    const input = staleRead({ seed: 1, busy: 40 });
    const writes = input.ops.filter(({ process }) => typeof process === 'number').map(({ index }) => index);
    const { lanes, leftOut } = storyOf(input, { kind: 'lost-update', message: '', ops: writes });
    expect(lanes.filter(({ kind }) => kind === 'client')).toHaveLength(8);
    expect(leftOut.at(-1)).toBe('35 clients of operations that the finding names');
    const ops = Array.from({ length: 200 }, (_, i) => ({ index: i, time: i * 1000, process: 0, type: i % 2 === 0 ? 'invoke' as const : 'ok' as const, f: 'read', value: null }));
    const many = storyOf({ ...input, ops }, { kind: 'stuck', message: '', ops: ops.map(({ index }) => index) });
    expect(many.operations).toHaveLength(60);
    expect(many.leftOut).toContain('40 operations');
  });

  it('leaves nothing out of a short run', () => {
    const input = staleRead({ seed: 1, nodes: 3 });
    const few = { ...input, anomalies: [], trace: input.trace.slice(0, 20) };
    expect(storyOf(few, undefined).leftOut).toEqual([]);
  });
});

describe('messagesBetween', () => {
  const message = (from: string, to: string, sentNs: number, arrivedNs: number): TracedMessage => ({ kind: 'message', from, to, sentNs, arrivedNs, sort: 'm' });

  it('follows what an invocation may have caused and a completion may depend on', () => {
    const there = message('1', 'a', 10, 20);
    const on = message('a', 'b', 20, 30);
    const back = message('b', '1', 31, 40);
    const early = message('a', 'c', 15, 25);
    const aside = message('a', 'c', 25, 35);
    const late = message('b', '1', 35, 60);
    expect([...messagesBetween([there, early, on, aside, back, late], { lane: '1', fromNs: 10, toNs: 50 })].sort((a, b) => a.sentNs - b.sentNs)).toEqual([there, on, back]);
  });
});

describe('livesOf', () => {
  it('gives what was so at the beginning, and then every change without gaps', () => {
    const lives = livesOf([
      { kind: 'state', node: 'a', atNs: 1, aspect: 'role', value: 'follower' },
      { kind: 'state', node: 'a', atNs: 20, aspect: 'role', value: 'leader' },
      { kind: 'state', node: 'a', atNs: 30, aspect: 'process', value: 'stopped' },
    ], 'a', { fromNs: 10, toNs: 40, since: '' });
    expect(lives.map(({ fromNs, toNs, process, role, news }) => [fromNs, toNs, process, role, news])).toEqual([
      [10, 20, 'running', 'follower', ''],
      [20, 30, 'running', 'leader', 'leader'],
      [30, 40, 'stopped', 'leader', 'stopped'],
    ]);
  });
});

describe('linksText', () => {
  it('names the groups of a partition, and else who does not hear whom', () => {
    expect(linksText({ a: ['b', 'c'], b: ['a'], c: ['a'] }, ['a', 'b', 'c'])).toBe('a | b c');
    expect(linksText({ a: ['b'] }, ['a', 'b', 'c'])).toBe('a does not hear b');
    expect(linksText({}, ['a', 'b'])).toBe('');
    expect(linksText(undefined, ['a', 'b'])).toBe('');
  });
});
