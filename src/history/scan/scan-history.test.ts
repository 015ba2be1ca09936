import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { History } from '../history.js';
import type { Op } from '../op.js';
import { readHistory } from '../read-history.js';
import { scanHistory } from './scan-history.js';

const DIR = mkdtempSync(join(tmpdir(), 'faultline-scan-'));
afterAll(() => rmSync(DIR, { recursive: true }));

function file(text: string | Buffer): string {
  const path = join(DIR, 'history.ndjson');
  writeFileSync(path, text);
  return path;
}

const value = fc.oneof(
  fc.constant(null), fc.boolean(), fc.integer(), fc.integer({ min: 0, max: 3 }), fc.constant(-0), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.string(), fc.constantFrom('', 'x', 'é', '"', '\\', '\u0000', 'a,b]}'),
  fc.tuple(fc.jsonValue(), fc.jsonValue()), fc.jsonValue(),
);
const blank = fc.constantFrom('', '', '', ' ', '  ');

/** Lines of a history, as many ways to write them as JSON has. */
const lines = fc.array(fc.record({ process: fc.nat({ max: 3 }), fate: fc.constantFrom('ok', 'ok', 'fail', 'info', 'none'), f: fc.constantFrom('read', 'write', 'cas', 'a', 'an operation', 'é'), value, result: value, key: fc.constantFrom(undefined, undefined, 1, 'k', -3, 'é'), node: fc.constantFrom(undefined, 'n1'), order: fc.nat(), gap: blank, stray: fc.constantFrom(undefined, undefined, undefined, 'nemesis/kill') }), { maxLength: 30 }).map((drafts) => {
  const out: string[] = [];
  let busy = 0;
  for (const { process, fate, f, value: argument, result, key, node, order, gap, stray } of drafts) {
    const who = process + 10 * busy;
    if (fate === 'info' || fate === 'none') busy++;
    const line = (type: string, of: unknown): void => {
      const fields = Object.entries({ process: who, type, f, value: of, key, node, index: out.length, time: 7 * out.length }).filter(([, field]) => field !== undefined);
      const turned = [...fields.slice(order % fields.length), ...fields.slice(0, order % fields.length)];
      out.push(`{${gap}${turned.map(([name, field]) => `"${name}"${gap}:${gap}${JSON.stringify(field)}`).join(`${gap},${gap}`)}${gap}}${gap}`);
    };
    line('invoke', argument);
    if (stray !== undefined) out.push(JSON.stringify({ process: stray, type: 'info', f: 'start', value: { cut: [1] }, index: out.length, time: 7 * out.length }));
    if (fate !== 'none') line(fate, fate === 'ok' ? result : argument);
  }
  return out;
});

describe('scanHistory', () => {
  it('reads what readHistory reads, however the lines are written', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom('\n', '\r\n', '\n\n'), fc.boolean(), async (all, end, closed) => {
        const path = file(all.join(end) + (closed && all.length > 0 ? end : ''));
        const { ops } = await readHistory(path);
        const { table, events } = scanHistory(path);
        expect(events).toBe(ops.length);
        const operations = History.from(ops).clientOperations();
        // Columns know neither nodes nor times nor reasons.
        const known = ({ index, process, type, f, value: of, key }: Op): unknown => ({ index, process, type, f, value: type === 'invoke' || type === 'ok' ? of : undefined, key });
        const scanned = Array.from({ length: table.size }, (_, row) => table.operation(row));
        expect(scanned.map(({ invoke, completion }) => [known(invoke), completion && known(completion)])).toEqual(operations.map(({ invoke, completion }) => [known(invoke), completion && known(completion)]));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['not JSON', '{"process":0,"type":"invoke","f":"read","value":}\n'],
    ['a text that does not end', '{"process":0,"type":"invoke","f":"read","value":"x}\n'],
    ['a number that JSON does not have', '{"process":0,"type":"invoke","f":"write","value":01}\n'],
    ['an unknown type', '{"process":0,"type":"invokes","f":"read","value":1}\n'],
    ['a missing name', '{"process":0,"type":"invoke","value":1}\n'],
    ['an empty name', '{"process":0,"type":"invoke","f":"","value":1}\n'],
    ['a result that is missing', '{"process":0,"type":"invoke","f":"read"}\n{"process":0,"type":"ok","f":"read"}\n'],
    ['an index that goes back', '{"process":0,"type":"invoke","f":"read","index":5}\n{"process":0,"type":"ok","f":"read","value":1,"index":5}\n'],
    ['a time that goes back', '{"process":0,"type":"invoke","f":"read","time":5}\n{"process":0,"type":"ok","f":"read","value":1,"time":4}\n'],
    ['something after the object', '{"process":0,"type":"invoke","f":"read"} x\n'],
    ['a bad byte', Buffer.from('{"process":0,"type":"invoke","f":"re\xffad"}\n', 'latin1')],
    ['a compressed file', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x0a])],
  ])('refuses %s in the same words', async (_what, text) => {
    const path = file(text);
    const expected = await readHistory(path).then(() => undefined, (error: unknown) => error);
    expect(expected).toBeInstanceOf(Error);
    expect(() => scanHistory(path)).toThrow((expected as Error).message);
  });

  it('leaves a line that was cut off, and says so', () => {
    const path = file('{"process":0,"type":"invoke","f":"write","value":1}\n{"process":0,"type":"ok","f":"wri');
    expect(scanHistory(path)).toMatchObject({ events: 1, torn: { line: 2 } });
    expect(() => scanHistory(join(DIR, 'absent'))).toThrow(/absent cannot be read/);
  });

  it('pairs events as History does', () => {
    expect(() => scanHistory(file('{"process":0,"type":"ok","f":"read","value":1}\n'))).toThrow(/event 0: completion of process 0 without an invocation/);
    expect(() => scanHistory(file('{"process":0,"type":"invoke","f":"read"}\n{"process":0,"type":"invoke","f":"write","value":2}\n'))).toThrow(/event 1: process 0 invokes write while its read \(#0\) is still open/);
  });
});
