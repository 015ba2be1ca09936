import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../history/trace.js';
import { isWellFormed } from '../testing/well-formed.js';
import { messageDiagram, type MessagesInput } from './index.js';
import { sceneOf } from './scene.js';
import { storyOf } from './story.js';
import { staleRead } from './testing/stale-read.js';

const HOSTILE = `</script></style><img src=x onerror=alert(1)><!-- "'\`\u202e`;
const NODES = ['n1', 'n2', 'n3'];

const time = fc.integer({ min: 0, max: 2_000_000_000 });
const lane = fc.constantFrom(...NODES, 'elsewhere');
const event: fc.Arbitrary<TraceEvent> = fc.oneof(
  fc.record({ from: lane, to: lane, sentNs: time, tookNs: fc.nat(50_000_000), lost: fc.constantFrom(undefined, 'cut', 'lost', 'down'), sort: fc.string(), detail: fc.string() }).map(({ tookNs, lost, ...message }) => ({
    kind: 'message' as const, ...message, ...(lost === undefined ? { arrivedNs: message.sentNs + tookNs } : { lost }),
  })),
  fc.record({ kind: fc.constant('note' as const), node: lane, atNs: time, text: fc.string() }),
  fc.record({ kind: fc.constant('state' as const), node: lane, atNs: time, aspect: fc.constant('role' as const), value: fc.constantFrom('leader', 'candidate', 'follower') }),
  fc.record({ kind: fc.constant('state' as const), node: lane, atNs: time, aspect: fc.constant('process' as const), value: fc.constantFrom('running', 'paused', 'stopped') }),
);
const trace = fc.array(event, { maxLength: 80 });

function withoutFindings(events: readonly TraceEvent[]): MessagesInput {
  return { trace: events, ops: [], anomalies: [], nodes: NODES };
}

describe('the layout of any trace', () => {
  it('keeps the order of events on every lane, and over all of them', () => {
    fc.assert(fc.property(trace, (events) => {
      const { time: layout } = sceneOf(storyOf(withoutFindings(events), undefined));
      const ys = layout.timesNs.map((ns) => layout.y(ns));
      ys.slice(1).forEach((y, i) => expect(y).toBeGreaterThan(ys[i] ?? Infinity));
    }));
  });

  it('leads every arrow from the lane and time of its sending to those of its arrival, never upwards', () => {
    fc.assert(fc.property(trace, (events) => {
      const { arrows, lanes, time: layout } = sceneOf(storyOf(withoutFindings(events), undefined));
      const xOf = (id: string): number | undefined => lanes.find((one) => one.id === id)?.x;
      for (const { x1, y1, x2, y2, fate, message } of arrows) {
        expect([x1, y1]).toEqual([xOf(message.from), layout.y(message.sentNs)]);
        if (fate === 'arrived') expect([x2, y2]).toEqual([xOf(message.to), layout.y(message.arrivedNs ?? NaN)]);
        else expect(x2).not.toBe(xOf(message.to));
        expect(y2).toBeGreaterThanOrEqual(y1);
      }
    }));
  });

  it('gives a well-formed SVG', () => {
    fc.assert(fc.property(trace, (events) => isWellFormed(messageDiagram(withoutFindings(events)))), { numRuns: 40 });
  });
});

describe('messageDiagram', () => {
  const input = staleRead({ seed: 1 });
  const svg = messageDiagram(input);

  it('shows the operations of the anomaly by the numbers of its message, thicker than others', () => {
    const boxes = [...svg.matchAll(/<g class="operation ok at-fault".*?<\/g>/gs)].map(([box]) => box);
    expect(boxes.map((box) => /#\d+/.exec(box)?.[0])).toEqual(['#4', '#6']);
    expect(boxes[0]).toContain('write x 7');
    expect(boxes[1]).toContain('ok → 3');
  });

  it('emphasises what can have carried them: of the stale read only its request and its reply', () => {
    const { arrows } = sceneOf(storyOf(input, input.anomalies[0]));
    const carrying = arrows.filter(({ carries }) => carries).map(({ between, message }) => `${message.sort} ${between}`);
    expect(carrying.filter((one) => one.includes('client 1'))).toEqual(['request client 1 → n1', 'reply n1 → client 1']);
    expect(carrying).toContain('request client 2 → n3');
    expect(carrying.join()).not.toMatch(/prepare|decide|n3 → n1/);
  });

  it('crosses out lost messages and says why', () => {
    expect(svg.match(/class="cross"/g)).toHaveLength(3);
    expect(svg).toMatch(/class="label loss"[^>]*>cut</);
    expect(messageDiagram(staleRead({ seed: 1, more: true }))).toMatch(/class="label loss"[^>]*>down</);
    expect(messageDiagram(withoutFindings([{ kind: 'message', from: 'n1', to: 'n2', sentNs: 5, sort: 'accept' }]))).toContain('never arrived');
  });

  it('tells processes and roles apart by shape, and says which links a fault cuts', () => {
    const more = messageDiagram(staleRead({ seed: 1, more: true }));
    for (const kind of ['life leader', 'life candidate', 'life paused', 'life stopped', 'cut-off', 'partly-cut']) expect(more).toContain(`class="${kind}"`);
    expect(more).toContain('n1 | n2 n3 n4 n5');
  });

  it('keeps text from outside as text, whole only where it is pointed at', () => {
    const hostile = messageDiagram(staleRead({ seed: 1, hostile: HOSTILE, more: true }));
    expect(isWellFormed(hostile)).toBe(true);
    expect(hostile).toContain('onerror');
    expect(hostile).not.toMatch(/<img|<!--|<\/script|\u202e/);
    const long = messageDiagram(staleRead({ seed: 1, hostile: 'very long '.repeat(200) }));
    const texts = [...long.replaceAll(/<title>.*?<\/title>/gs, '').matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text = '']) => text.replaceAll(/<[^>]*>/g, ''));
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(150);
  });

  it('draws nothing happening', () => {
    const empty = messageDiagram({ trace: [], ops: [], anomalies: [], nodes: [] });
    expect(isWellFormed(empty)).toBe(true);
    expect(empty).toContain('No messages in this time.');
    expect(isWellFormed(messageDiagram({ ...input, trace: [] }))).toBe(true);
  });

  it('can stand in a file of its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-diagram-'));
    try {
      writeFileSync(join(folder, 'messages.svg'), svg);
      expect(isWellFormed(readFileSync(join(folder, 'messages.svg'), 'utf8'))).toBe(true);
      expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|href=/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
