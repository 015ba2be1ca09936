import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isWellFormed } from '../testing/well-formed.js';
import { messagesHtml } from './index.js';
import { MESSAGES_SCRIPT } from './page/script.js';
import { staleRead } from './testing/stale-read.js';

const HOSTILE = `</script></style><img src=x onerror=alert(1)><!-- "'\``;

describe('messagesHtml', () => {
  const input = staleRead({ seed: 1 });
  const page = messagesHtml(input, { title: 'run 1', system: 'paxos' });

  it('links the events of the finding\'s sentence to their boxes', () => {
    for (const [, target = ''] of page.matchAll(/<a href="#(d0-[mo]\d+)">/g)) expect(page).toContain(`id="${target}"`);
    expect(page).toMatch(/<p class="sentence">read 3 \(<a href="#d0-o\d+">#6<\/a>/);
  });

  it('lists every arrow of the diagram in the table', () => {
    const arrows = [...page.matchAll(/<g class="arrow [^>]*id="([^"]*)"/g)].map(([, id]) => id);
    const rows = [...page.matchAll(/<tr[^>]* data-target="([^"]*m\d+)"/g)].map(([, id]) => id);
    expect(arrows.length).toBeGreaterThan(15);
    expect(new Set(rows)).toEqual(new Set(arrows));
  });

  it('keeps text from outside as text', () => {
    const hostile = messagesHtml({ ...staleRead({ seed: 1, hostile: HOSTILE }), nodes: ['n1', 'n2', 'n3', HOSTILE] }, { title: HOSTILE, system: HOSTILE });
    expect(hostile).toContain('onerror');
    expect(hostile).not.toMatch(/<img|<!--/);
    expect(hostile.match(/<script|<\/script>/g)).toHaveLength(2);
  });

  it('admits exactly its own script and styles, and refers to nothing outside', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const texts = [...page.matchAll(/<(?:style|script)>([\s\S]*?)<\/(?:style|script)>/g)].map(([, text = '']) => text);
    expect(texts).toHaveLength(4);
    for (const text of texts) expect(policy).toContain(hashOf(text));
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/\sstyle="|\son\w+="/);
    for (const [, reference] of page.matchAll(/\s(?:src|href)="([^"]*)"/g)) expect(reference).toMatch(/^#/);
  });

  it('draws the first findings, with ids of their own, and names the others', () => {
    const [anomaly] = input.anomalies;
    if (anomaly === undefined) throw new Error('no anomaly');
    const many = messagesHtml({ ...input, anomalies: Array.from({ length: 6 }, (_, i) => ({ ...anomaly, kind: `kind-${i}` })) }, { title: 'run' });
    const ids = [...many.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(many).toContain('2 more, without a diagram');
    expect(many).toContain('kind-5');
    for (const [svg] of many.matchAll(/<svg[\s\S]*?<\/svg>/g)) expect(isWellFormed(svg)).toBe(true);
  });

  it('makes a page of an empty run', () => {
    expect(messagesHtml({ trace: [], ops: [], anomalies: [], nodes: [] }, { title: 'run' })).toContain('No messages in this time.');
  });

  it('has a script that parses and cannot end its element', () => {
    expect(() => new Script(MESSAGES_SCRIPT)).not.toThrow();
    expect(MESSAGES_SCRIPT).not.toMatch(/<\/script|<!--/i);
  });
});
