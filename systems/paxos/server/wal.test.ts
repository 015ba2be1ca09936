import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WalRecord } from '../core/index.js';
import { crc32c } from './crc32c.js';
import { openDataFolder } from './data-folder.js';
import { ServerError } from './failure.js';
import { encodeRecord, scanLog, TYPE_RECORDS } from './wal-format.js';
import { Wal } from './wal.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-wal-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = (): string => join(folder, `f${files++}`);

const record = fc.oneof(
  fc.record({ round: fc.nat(1000), node: fc.integer({ min: 1, max: 5 }) }).map((ballot): WalRecord => ({ type: 'promised', ballot })),
  fc.record({ slot: fc.integer({ min: 1, max: 1000 }), value: fc.string() }).map(({ slot, value }): WalRecord => ({ type: 'accepted', slot, ballot: { round: 1, node: 1 }, command: { kind: 'operation', op: { f: 'write', key: 'k', value } } })),
);
const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });

function encode(all: readonly (readonly WalRecord[])[]): Buffer {
  return Buffer.concat(all.map((records, i) => encodeRecord(i + 1, TYPE_RECORDS, JSON.stringify(records))));
}

function reopen(path: string): ReturnType<typeof Wal.open> {
  const opened = Wal.open(path, { sync: true, onDurable: () => undefined, onFailure: (error) => { throw error; } });
  opened.wal.close();
  return opened;
}

describe('crc32c', () => {
  it('gives the check value of the standard', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});

describe('the write-ahead log', () => {
  it('gives back what was durable, over several lives, with fewer fsyncs than writes when they come together', async () => {
    const path = freshPath();
    const expected: WalRecord[] = [];
    for (let life = 0; life < 3; life++) {
      const durable: number[] = [];
      await new Promise<void>((resolve, reject) => {
        const { wal, records } = Wal.open(path, { sync: true, onDurable: (upTo) => { durable.push(upTo); if (upTo === 50) resolve(); }, onFailure: reject });
        expect(records).toEqual(expected);
        for (let lsn = 1; lsn <= 50; lsn++) {
          const one: WalRecord = { type: 'promised', ballot: { round: life * 100 + lsn, node: 1 } };
          expected.push(one);
          wal.append(lsn, [one]);
        }
        expect(wal.counters.writes).toBe(50);
      });
      expect(durable.length).toBeLessThan(10);
      expect([...durable].sort((a, b) => a - b)).toEqual(durable);
    }
    expect(reopen(path).records).toEqual(expected);
  });

  it('takes a cut at any byte for a torn tail, keeps every whole record, and goes on from there', () => {
    fc.assert(
      fc.property(batches, fc.nat(), (all, at) => {
        const bytes = encode(all);
        const cut = bytes.subarray(0, at % bytes.length);
        const whole = all.filter((_, i) => encode(all.slice(0, i + 1)).length <= cut.length);
        const path = freshPath();
        writeFileSync(path, cut);
        const { records, tornBytes } = reopen(path);
        expect(records).toEqual(whole.flat());
        expect(tornBytes).toBe(cut.length - encode(whole).length);
        expect(readFileSync(path).length).toBe(encode(whole).length);
      }),
      { numRuns: 60 },
    );
  });

  it('never takes a changed bit for data: corruption if whole records follow, torn if none does', () => {
    fc.assert(
      fc.property(batches, fc.nat(), fc.integer({ min: 0, max: 7 }), (all, at, bit) => {
        const bytes = encode(all);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        const hit = all.findIndex((_, i) => encode(all.slice(0, i + 1)).length > index);
        const scan = scanLog(bytes);
        expect(scan.records.length).toBe(hit);
        expect(scan.kind).toBe(hit === all.length - 1 ? 'torn' : 'corrupt');
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a corrupt file with what to do, and leaves it as it is', () => {
    const path = freshPath();
    const bytes = encode([[{ type: 'chosen', upTo: 1 }], [{ type: 'chosen', upTo: 2 }]]);
    bytes[20] = 0;
    writeFileSync(path, bytes);
    expect(() => reopen(path)).toThrow(/corrupt.*Replace it by a new node/s);
    expect(readFileSync(path)).toEqual(bytes);
  });
});

describe('the data folder', () => {
  const open = (path: string, cluster = 'c', node = 1): ReturnType<typeof openDataFolder> => openDataFolder(path, cluster, node);

  it('counts the lives of a node', () => {
    const path = freshPath();
    for (let life = 1; life <= 3; life++) {
      const data = open(path);
      expect(data.identity.incarnation).toBe(life);
      data.release();
    }
  });

  it.each([['another node', 'c', 2], ['another cluster', 'd', 1]])('refuses %s', (_, cluster, node) => {
    const path = freshPath();
    open(path).release();
    expect(() => open(path, cluster, node)).toThrow(/belongs to node 1 of cluster c/);
  });

  it('refuses to start without the log it had', () => {
    const path = freshPath();
    open(path).release();
    rmSync(join(path, 'log.wal'));
    expect(() => open(path)).toThrow(/has lost its log/);
    expect(() => open(path)).toThrow(ServerError);
  });
});
