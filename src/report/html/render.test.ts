import { Script } from 'node:vm';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { syntheticRun } from '../testing/synthetic-run.js';
import { isWellFormed } from '../testing/well-formed.js';
import { renderHtml } from './index.js';
import { escapeHtml, scriptJson } from './escape.js';
import type { PageData } from './page-data.js';
import { PAGE_SCRIPT } from './page/index.js';

const HOSTILE = `</script></style><img src=x onerror=alert(1)><!-- "'\``;

function dataOf(page: string): PageData {
  const json = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(page)?.[1];
  if (json === undefined) throw new Error('the page has no data');
  return JSON.parse(json) as PageData;
}

describe('renderHtml', () => {
  const parts = syntheticRun({ seed: 1, operations: 1500, verdict: 'invalid' });
  const page = renderHtml(parts);

  it('keeps text from outside as text, wherever it stands', () => {
    const hostile = renderHtml(syntheticRun({ seed: 1, operations: 300, verdict: 'invalid', hostile: HOSTILE }));
    expect(hostile).toContain('onerror');
    expect(hostile).not.toMatch(/<img|<!--/);
    expect(hostile.match(/<\/script>/g)).toHaveLength(2);
    expect(hostile.match(/<script/g)).toHaveLength(2);
    expect(dataOf(hostile).strings.some((text) => text.includes('</script>'))).toBe(true);
  });

  it('admits exactly its own script and styles, by their hash, and nothing else', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(policy).toContain(`script-src ${hashOf(script)};`);
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => match[1] ?? '');
    expect(styles).toHaveLength(3);
    for (const style of styles) expect(policy).toContain(hashOf(style));
    expect(page).not.toMatch(/\sstyle="|\son\w+="/);
  });

  it('refers to nothing outside its folder', () => {
    const references = [...page.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) expect(reference).toMatch(/^(#[a-z]+|[\w.]+\/?)$/);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\/|@import|url\(/);
  });

  it('has the operations of every anomaly in its data, at the place of their events', () => {
    const data = dataOf(page);
    const wanted = parts.results.checkers.flatMap(({ anomalies }) => anomalies);
    expect(data.anomalies).toHaveLength(wanted.length);
    wanted.forEach(({ ops }, number) => {
      const events = (data.anomalies[number] ?? []).flatMap((position) => [data.invoke[position], data.completion[position]]);
      expect(events).toEqual(expect.arrayContaining([...ops]));
      expect(page).toContain(`data-anomaly="${number}"`);
    });
  });

  it('draws no two operations of a client row over each other', () => {
    const { lane, start, stop, laneCount } = dataOf(page);
    const until = Array.from({ length: laneCount }, () => -1);
    lane.forEach((row, i) => {
      expect(start[i]).toBeGreaterThanOrEqual(until[row] ?? Infinity);
      until[row] = stop[i] ?? 0;
    });
    expect(laneCount).toBeLessThan(15);
  });

  it('shows the offsets of clocks if the history tells of them, under the same policy', () => {
    const clocks = renderHtml(syntheticRun({ seed: 1, operations: 100, clocks: true, hostile: HOSTILE }));
    expect(clocks).toContain('<h2>Clock offsets</h2>');
    expect(clocks).toContain('href="clock.svg"');
    expect(clocks).not.toMatch(/<img|<!--|\sstyle="/);
    expect(clocks.match(/<script/g)).toHaveLength(2);
    expect(new Set([...clocks.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => match[1])).size).toBe(2);
    expect(page).not.toMatch(/Clock offsets|clock\.svg|#clocks/);
  });

  it('says that a run was ended early, and only then', () => {
    const early = { event: 42, message: 'read 2' };
    expect(renderHtml({ ...parts, results: { ...parts.results, endedEarly: early } })).toContain('Ended early by --fail-fast, at event #42');
    expect(page).not.toContain('Ended early');
  });

  it('links the page of messages if there is one, and only then', () => {
    expect(renderHtml({ ...parts, messages: 'messages.html' }).match(/href="messages\.html"/g)).toHaveLength(2);
    expect(page).not.toContain('messages.html');
  });

  it('shows what the nodes suffered', () => {
    const { tracks } = dataOf(page);
    const states = (node: string): readonly string[] => tracks.find(({ label, group }) => group === 'node' && label === node)?.spans.map((span) => span[3]) ?? [];
    expect(states('n1')).toEqual(['cut off']);
    expect(states('n3')).toEqual(['partly cut', 'killed']);
    expect(states('n4')).toEqual(['partly cut', 'paused']);
  });

  it('stays small for a long history', () => {
    const long = renderHtml(syntheticRun({ seed: 2, operations: 20_000 }));
    expect(dataOf(long).invoke).toHaveLength(20_000);
    expect(long.length).toBeLessThan(2_500_000);
    expect(long.match(/<path/g)?.length).toBeLessThan(400);
  });

  it('makes a page of an empty history', () => {
    expect(renderHtml({ ...parts, ops: [], results: { ...parts.results, operations: [] } })).toContain('INVALID');
  });

  it('says in a diagram what a read saw, even if it was null', () => {
    const ops = parts.ops.map((op) => (op.f === 'read' && op.type === 'ok' ? { ...op, value: null } : op));
    expect(renderHtml({ ...parts, ops })).toContain('read → null');
  });

  it('has diagrams that are well-formed', () => {
    const diagrams = page.match(/<svg class="spacetime"[\s\S]*?<\/svg>/g) ?? [];
    expect(diagrams).toHaveLength(2);
    for (const diagram of diagrams) expect(isWellFormed(diagram)).toBe(true);
  });
});

describe('the page\'s script', () => {
  it('parses, and cannot end its element', () => {
    expect(() => new Script(PAGE_SCRIPT)).not.toThrow();
    expect(PAGE_SCRIPT).not.toMatch(/<\/script|<!--/i);
  });
});

describe('escaping', () => {
  it('leaves no character that could open markup or close an attribute', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"'`\u202e]/.test(escapeHtml(text))), { numRuns: 50 });
    expect(escapeHtml('<a b="c">\u202e\'`&')).toBe('&#60;a b=&#34;c&#34;&#62;\\u202e&#39;&#96;&#38;');
  });

  it('gives JSON that reads back the same and holds no markup', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { text } = scriptJson(value);
        expect(text).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });
});
