import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkHistory, models } from '../../registry.js';
import { TableBuilder } from '../../history/table/index.js';
import type { Op } from '../../history/op.js';
import { renderHtml } from '../html/index.js';
import { syntheticRun } from '../testing/synthetic-run.js';
import { explainHtml, parseExplained, type Explained } from './index.js';
import { explainData } from './page-data.js';
import { EXPLAIN_SCRIPT } from './page/index.js';
import { runPage, type FakeElement } from './testing/fake-document.js';

const HOSTILE = `</script></style><img src=x onerror=alert(1)><!-- "'\`\u202e`;

/** Two clients overwrite and swap while a third reads what can no longer be there; one write's outcome is unknown. */
function history(): readonly Op[] {
  const events: readonly (readonly [process: number, type: Op['type'], f: string, value: unknown])[] = [
    [0, 'invoke', 'write', 1],
    [3, 'invoke', 'write', 9],
    [0, 'ok', 'write', 1],
    [1, 'invoke', 'cas', [1, 2]],
    [2, 'invoke', 'read', null],
    [2, 'ok', 'read', 1],
    [1, 'ok', 'cas', [1, 2]],
    [0, 'invoke', 'cas', [7, 8]],
    [0, 'fail', 'cas', [7, 8]],
    [2, 'invoke', 'read', null],
    [2, 'ok', 'read', 2],
    [1, 'invoke', 'write', 1],
    [1, 'ok', 'write', 1],
    [2, 'invoke', 'read', null],
    [2, 'ok', 'read', 2],
  ];
  return events.map(([process, type, f, value], index) => ({ index, time: 1_000_000_000 + index * 2_500_000, process, type, f, value }));
}

async function found(): Promise<Explained> {
  const table = new TableBuilder();
  for (const op of history()) table.add(op);
  const model = models['cas-register'];
  if (model === undefined) throw new Error('no cas-register');
  const result: unknown = await checkHistory(table.build(), model, { initial: null, timeLimitMs: 30_000, memoryLimitBytes: 2 ** 30 });
  const [explained] = parseExplained(result);
  if (explained === undefined) throw new Error('the checker explained nothing');
  return explained;
}

const real = await found();
const page = explainHtml([real], { title: 'a test' });

function barsOf(diagram: FakeElement): readonly FakeElement[] {
  return diagram.all().filter(({ dataset }) => dataset['op'] !== undefined);
}

function numbersOf(diagram: FakeElement): readonly string[] {
  return diagram.all().filter(({ attributes }) => attributes.get('class')?.startsWith('number') === true).map(({ textContent }) => textContent);
}

describe('parseExplained', () => {
  it('reads what the checker stores, alone and among the checkers of a run', () => {
    const result = { valid: false, details: { findings: [{ valid: false, explained: real }, { valid: false }] } };
    expect(parseExplained(result)).toEqual([real]);
    expect(parseExplained({ checkers: [{ name: 'stats' }, result, { name: 'x', details: {} }] })).toEqual([real]);
  });

  it('finds nothing where there is nothing, or something else', () => {
    const broken = { ...real, core: 'all' };
    for (const results of [undefined, null, 3, {}, { checkers: [] }, { details: { findings: 1 } }, { details: { findings: [{ explained: broken }, { explained: null }, null] } }]) expect(parseExplained(results)).toEqual([]);
  });
});

describe('explainData', () => {
  it('gives every bar room for its label, and every event a place of its own', () => {
    const { operations, places } = explainData(real);
    for (const { label, begin, end } of operations) expect((places[end < 0 ? places.length - 1 : end] ?? 0) - (places[begin] ?? 0)).toBeGreaterThan(label.length * 6);
    for (let i = 1; i < places.length; i++) expect(places[i]).toBeGreaterThan(places[i - 1] ?? Infinity);
  });

  it('puts no two operations of a lane over each other, even of one process', () => {
    const [first] = real.operations;
    if (first === undefined) throw new Error('no operation');
    const twice = explainData({ ...real, operations: [first, { ...first, id: 1000, begin: first.begin + 1 }] });
    expect(twice.lanes).toHaveLength(2);
    expect(new Set(twice.operations.map(({ lane }) => lane)).size).toBe(2);
  });

  it('shows at most one text of any length and no character that turns text', () => {
    const long = explainData({ ...real, message: `${HOSTILE}${'x'.repeat(10_000)}` });
    expect(long.message).not.toContain('\u202e');
    expect(long.message.length).toBeLessThanOrEqual(2000);
  });
});

describe('explainHtml', () => {
  it('keeps text from outside as text, wherever it stands', () => {
    const hostile: Explained = {
      ...real,
      key: HOSTILE,
      model: HOSTILE,
      message: HOSTILE,
      operations: real.operations.map((operation) => ({ ...operation, call: HOSTILE, node: HOSTILE })),
      prefix: { completions: 1, of: 2, order: real.operations.slice(0, 1).map(({ id }) => ({ operation: id, state: HOSTILE })), states: [HOSTILE] },
    };
    const text = explainHtml([hostile, hostile], { title: HOSTILE, system: HOSTILE });
    expect(text).toContain('onerror');
    expect(text).not.toMatch(/<img|<!--|\u202e/);
    expect(text.match(/<\/?script/g)).toHaveLength(4);
    expect(text.match(/<\/?style/g)).toHaveLength(4);
    const shown = runPage(text, '#step=1');
    expect(shown.byId('diagram').textContent).toContain('</script>');
    expect(shown.byId('diagram').all().map(({ name }) => name)).not.toContain('img');
  });

  it('admits exactly its own script and styles, and refers to nothing outside', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hashOf(/<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '')};`);
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => match[1] ?? '');
    expect(styles).toHaveLength(2);
    for (const style of styles) expect(policy).toContain(hashOf(style));
    expect(page).not.toMatch(/\sstyle="|\son\w+="|\s(?:src|href)="/);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\/|@import|url\((?!#)/);
  });

  it('draws every operation, and outlines those at fault', () => {
    const bars = barsOf(runPage(page).byId('diagram'));
    expect(bars.map(({ dataset }) => Number(dataset['op'])).sort((a, b) => a - b)).toEqual(real.operations.map(({ id }) => id).sort((a, b) => a - b));
    const core = bars.filter(({ attributes }) => / core\b/.test(attributes.get('class') ?? ''));
    expect(core.map(({ dataset }) => Number(dataset['op'])).sort((a, b) => a - b)).toEqual([...real.core].sort((a, b) => a - b));
    for (const bar of bars) expect(bar.attributes.get('aria-label')).toMatch(/, process \d+, #\d+/);
  });

  it('shows as many points as there are steps, and says at the end what nothing can take', () => {
    const steps = real.prefix?.order.length ?? 0;
    expect(steps).toBeGreaterThan(3);
    const shown = runPage(page, '#step=2');
    expect(numbersOf(shown.byId('diagram'))).toEqual(['1', '2']);
    expect(shown.byId('steps').textContent).not.toContain('No order can take');
    shown.press('ArrowRight');
    expect(numbersOf(shown.byId('diagram'))).toEqual(['1', '2', '3']);
    expect(shown.address()).toBe('#step=3');
    shown.press('End');
    expect(numbersOf(shown.byId('diagram'))).toHaveLength(steps + 1);
    expect(shown.byId('steps').textContent).toContain('No order can take read 2');
    shown.press('ArrowRight');
    expect(shown.address()).toBe(`#step=${steps}`);
    shown.press('Home');
    expect(numbersOf(shown.byId('diagram'))).toEqual([]);
  });

  it('shows for an operation at fault the order that is possible without it', () => {
    const [without] = real.without;
    if (without === undefined) throw new Error('no order without an operation');
    const shown = runPage(page, `#op=${without.operation}`);
    expect(numbersOf(shown.byId('diagram'))).toHaveLength(without.order.length);
    expect(shown.byId('facts').textContent).toContain('Without this operation the others are possible in this order');
    shown.press('Escape');
    expect(shown.address()).toBe('#');
    expect(shown.byId('steps').textContent).toContain('No order can take');
  });

  it('takes any address', () => {
    for (const address of ['#key=99', '#op=12345&step=7777', '#step=-1', '#key=x&op=%00', '#time=1']) expect(barsOf(runPage(page, address).byId('diagram'))).toHaveLength(real.operations.length);
  });

  it('shows what has no order of a prefix, and each of several keys', () => {
    const { prefix: _, blocked: __, ...bare } = real;
    const several = explainHtml([real, { ...bare, key: 'k7', without: [] }], { title: 'two' });
    const shown = runPage(several, '#key=1');
    expect(shown.byId('heading').textContent).toContain('k7');
    expect(shown.byId('steps').textContent).toContain('impossible together');
    shown.press('ArrowRight');
    expect(numbersOf(shown.byId('diagram'))).toEqual([]);
  });
});

describe('the page\'s script', () => {
  it('parses, and cannot end its element', () => {
    expect(() => new Script(EXPLAIN_SCRIPT)).not.toThrow();
    expect(EXPLAIN_SCRIPT).not.toMatch(/<\/script|<!--|innerHTML|insertAdjacent|document\.write/i);
  });
});

describe('the report', () => {
  it('leads to the page only if there is one', () => {
    const parts = syntheticRun({ seed: 1, operations: 300, verdict: 'invalid' });
    expect(renderHtml({ ...parts, explanation: 'explain.html' }).match(/href="explain\.html"/g)).toHaveLength(2);
    expect(renderHtml(parts)).not.toContain('explain.html');
  });
});
