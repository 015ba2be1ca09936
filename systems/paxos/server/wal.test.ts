import fc from 'fast-check';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { WalRecord } from '../core/index.js';
import { crc32c } from './crc32c.js';
import { initDataFolder, openDataFolder } from './data-folder.js';
import type { DurableCopy } from './durable-copy.js';
import { ServerError } from './failure.js';
import { FILES, pieceName } from './files.js';
import { lock } from './lock.js';
import { encodeMark } from './mark.js';
import { nodeFiles } from './node-files.js';
import { encodeRecord, HEADER_BYTES, MAX_PAYLOAD_BYTES, payloadsOf, scanLog, TYPE_RECORDS } from './wal-format.js';
import { Wal, type OpenedWal } from './wal.js';
import { walRecordsSchema } from './wire.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-wal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const tools = { files: nodeFiles, lock };
let files = 0;
const freshPath = (): string => join(folder, `f${files++}`);
/** A folder with an empty log. */
const freshLog = (): string => {
  const path = freshPath();
  mkdirSync(path);
  writeFileSync(fileOf(path), '');
  return path;
};
const fileOf = (path: string, piece = 0): string => join(path, pieceName(piece));
const markOf = (path: string): string => join(path, FILES.mark);

const record = fc.oneof(
  fc.record({ round: fc.nat(1000), node: fc.integer({ min: 1, max: 5 }) }).map((ballot): WalRecord => ({ type: 'promised', ballot })),
  fc.record({ slot: fc.integer({ min: 1, max: 1000 }), value: fc.string() }).map(({ slot, value }): WalRecord => ({ type: 'accepted', slot, ballot: { round: 1, node: 1 }, command: { kind: 'operation', op: { f: 'write', key: 'k', value } } })),
);
const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });

function encode(all: readonly (readonly WalRecord[])[]): Buffer {
  return Buffer.concat(all.map((records, i) => encodeRecord(i + 1, TYPE_RECORDS, JSON.stringify(records))));
}

function reopen(path: string): OpenedWal<WalRecord> {
  const opened = Wal.open<WalRecord>(path, { files: nodeFiles, sleep, sync: true, from: 0, schema: walRecordsSchema, onDurable: () => undefined, onFull: () => undefined, onFailure: (error) => { throw error; } });
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
    const path = freshLog();
    const expected: WalRecord[] = [];
    for (let life = 0; life < 3; life++) {
      const durable: number[] = [];
      await new Promise<void>((resolve, reject) => {
        const { wal, records } = Wal.open<WalRecord>(path, { files: nodeFiles, sleep, sync: true, from: 0, schema: walRecordsSchema, onDurable: (upTo) => { durable.push(upTo); if (upTo === 50) resolve(); }, onFull: () => undefined, onFailure: reject });
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
        const path = freshLog();
        writeFileSync(fileOf(path), cut);
        const { records, tornBytes } = reopen(path);
        expect(records).toEqual(whole.flat());
        expect(tornBytes).toBe(cut.length - encode(whole).length);
        expect(readFileSync(fileOf(path)).length).toBe(encode(whole).length);
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
    const path = freshLog();
    const bytes = encode([[{ type: 'chosen', upTo: 1 }], [{ type: 'chosen', upTo: 2 }]]);
    bytes[20] = 0;
    writeFileSync(fileOf(path), bytes);
    expect(() => reopen(path)).toThrow(/corrupt.*Replace it by a new node/s);
    expect(readFileSync(fileOf(path))).toEqual(bytes);
  });
});

/** Appends one batch after the other; resolves when the last is durable. The log stays open, as after SIGKILL. */
async function write(path: string, all: readonly (readonly WalRecord[])[], more: { readonly sync?: boolean; readonly copy?: DurableCopy } = {}): Promise<Wal<WalRecord>> {
  return new Promise((resolve, reject) => {
    const { wal } = Wal.open<WalRecord>(path, { files: nodeFiles, sleep, sync: true, from: 0, schema: walRecordsSchema, ...more, onDurable: (upTo) => { if (upTo === all.length) resolve(wal); }, onFull: () => undefined, onFailure: reject });
    for (const [i, records] of all.entries()) wal.append(i + 1, records);
  });
}

describe('more than one record on disk can hold', () => {
  const large = (slot: number): WalRecord => ({ type: 'accepted', slot, ballot: { round: 1, node: 1 }, command: { kind: 'operation', op: { f: 'write', key: 'k', value: 'x'.repeat(1024 * 1024) } } });

  it('goes into several, in order: what was acknowledged is read again', async () => {
    const path = freshLog();
    const effect = Array.from({ length: 70 }, (_, i) => large(i + 1));
    await write(path, [[{ type: 'chosen', upTo: 0 }], effect, [{ type: 'chosen', upTo: 70 }]]);
    const { records, tornBytes } = reopen(path);
    expect(tornBytes).toBe(0);
    expect(records.map((each) => (each.type === 'accepted' ? each.slot : each.type))).toEqual(['chosen', ...effect.map((_, i) => i + 1), 'chosen']);
    expect(scanLog(readFileSync(fileOf(path))).records.length).toBe(4);
  });

  it('is cut at the limit to the byte, and what cannot be cut is refused', () => {
    const half = (more: number): string => 'x'.repeat(MAX_PAYLOAD_BYTES / 2 + more);
    // Two texts with quotes, brackets and a comma: 7 bytes.
    expect(payloadsOf([half(0), half(-7)]).map((payload) => payload.length)).toEqual([MAX_PAYLOAD_BYTES]);
    expect(payloadsOf([half(0), half(-6)]).length).toBe(2);
    expect(payloadsOf([])).toEqual(['[]']);
    expect(encodeRecord(1, TYPE_RECORDS, 'x'.repeat(MAX_PAYLOAD_BYTES)).length).toBe(HEADER_BYTES + MAX_PAYLOAD_BYTES);
    expect(() => encodeRecord(1, TYPE_RECORDS, 'x'.repeat(MAX_PAYLOAD_BYTES + 1))).toThrow(/above the limit/);
  });
});

describe('what an earlier life wrote and did not sync', () => {
  it('is written again before it is relied upon: the kernel may hold it without having been able to write it', () => {
    const path = freshLog();
    const promised = (round: number): WalRecord => ({ type: 'promised', ballot: { round, node: 1 } });
    const long: WalRecord = { type: 'accepted', slot: 1, ballot: { round: 1, node: 1 }, command: { kind: 'operation', op: { f: 'write', key: 'k', value: 'x'.repeat(8 * 4096) } } };
    const whole = [[promised(1)], [long], [promised(2)]];
    writeFileSync(fileOf(path), encode(whole.slice(0, 1)));
    reopen(path);
    const before = statSync(fileOf(path), { bigint: true }).mtimeNs;
    reopen(path);
    // All of it is marked as durable: nothing is written.
    expect(statSync(fileOf(path), { bigint: true }).mtimeNs).toBe(before);
    writeFileSync(fileOf(path), encode(whole));
    const past = new Date(1_000_000_000_000);
    utimesSync(fileOf(path), past, past);
    reopen(path);
    expect(statSync(fileOf(path)).mtimeMs).toBeGreaterThan(past.getTime());
    expect(readFileSync(fileOf(path)).equals(encode(whole))).toBe(true);
  });
});

describe('the mark of what is durable', () => {
  it('tells records that are missing from a torn write: what was durable is refused once it is damaged, what comes after it is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat({ max: 7 }), fc.boolean(), async (all, tail, at, bit, cut) => {
        const path = freshLog();
        await write(path, all);
        const bytes = readFileSync(fileOf(path));
        writeFileSync(fileOf(path), Buffer.concat([bytes, tail]));
        const { records, tornBytes } = reopen(path);
        expect(records).toEqual(all.flat());
        expect(tornBytes).toBe(tail.length);
        const place = at % bytes.length;
        const damaged = cut ? bytes.subarray(0, place) : Buffer.from(bytes.map((byte, i) => (i === place ? byte ^ (1 << bit) : byte)));
        writeFileSync(fileOf(path), damaged);
        expect(() => reopen(path)).toThrow(/has lost records|is corrupt/);
        expect(readFileSync(fileOf(path))).toEqual(damaged);
      }),
      { numRuns: 40 },
    );
  });

  it('may be older or missing, after a power failure', async () => {
    const path = freshLog();
    await write(path, [[{ type: 'chosen', upTo: 1 }], [{ type: 'chosen', upTo: 2 }]]);
    for (const mark of [encodeMark({ generation: 0, seq: 0, bytes: 0 }), Buffer.alloc(0)]) {
      writeFileSync(markOf(path), mark);
      expect(reopen(path).records.length).toBe(2);
    }
    rmSync(markOf(path));
    expect(reopen(path).records.length).toBe(2);
  });

  it('is refused when any bit of it is wrong, when it is cut, and when it belongs to another log', async () => {
    const path = freshLog();
    await write(path, [[{ type: 'chosen', upTo: 1 }]]);
    const mark = readFileSync(markOf(path));
    for (let bit = 0; bit < mark.length * 8; bit++) {
      writeFileSync(markOf(path), mark.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)));
      expect(() => reopen(path)).toThrow(/log\.mark|\.mark is damaged/);
    }
    writeFileSync(markOf(path), mark.subarray(0, 7));
    expect(() => reopen(path)).toThrow(/is damaged/);
    writeFileSync(markOf(path), encodeMark({ generation: 0, seq: 1, bytes: 5 }));
    expect(() => reopen(path)).toThrow(/not the log that its mark belongs to/);
  });
});

describe('the durable copy', () => {
  it('holds what was synced, over several lives, and nothing that was not', async () => {
    const data = freshPath();
    const copyFolder = join(data, '.durable');
    const held = (name: string): string => readFileSync(join(copyFolder, name), 'latin1');
    const real = (name: string): string => readFileSync(join(data, name), 'latin1');
    initDataFolder(tools, data, 'c', 1);
    for (let life = 0; life < 3; life++) {
      const folder = openDataFolder(tools, data, 'c', 1, copyFolder);
      const log = join(data, 'log-000000.wal');
      const batch: WalRecord[] = [{ type: 'chosen', upTo: life }];
      await new Promise<void>((resolve, reject) => {
        const { wal } = Wal.open<WalRecord>(data, { files: nodeFiles, sleep, sync: true, from: 0, schema: walRecordsSchema, copy: folder.copy, onDurable: () => resolve(), onFull: () => undefined, onFailure: reject });
        expect(held('log.mark')).toBe(real('log.mark'));
        wal.append(1, batch);
      });
      expect(held('log-000000.wal')).toBe(real('log-000000.wal'));
      expect(held('identity.json')).toBe(real('identity.json'));
      folder.release();
      // What a killed life wrote and did not sync, and a torn write after it.
      const unsynced = encodeRecord(2 * life + 2, TYPE_RECORDS, JSON.stringify(batch));
      writeFileSync(log, Buffer.concat([readFileSync(log), unsynced, Buffer.from('torn')]));
      expect(real('log-000000.wal').startsWith(held('log-000000.wal'))).toBe(true);
      expect(held('log-000000.wal').length).toBe(real('log-000000.wal').length - unsynced.length - 4);
    }
  });

  it('holds nothing of the log if the log is never synced', async () => {
    const data = freshPath();
    initDataFolder(tools, data, 'c', 1);
    const { copy } = openDataFolder(tools, data, 'c', 1, join(data, '.durable'));
    await new Promise<void>((resolve, reject) => {
      const { wal } = Wal.open<WalRecord>(data, { files: nodeFiles, sleep, sync: false, from: 0, schema: walRecordsSchema, copy, onDurable: () => resolve(), onFull: () => undefined, onFailure: reject });
      wal.append(1, [{ type: 'chosen', upTo: 1 }]);
    });
    expect(readFileSync(join(data, 'log-000000.wal')).length).toBeGreaterThan(0);
    expect(readFileSync(join(data, '.durable', 'log-000000.wal')).length).toBe(0);
  });
});

describe('the data folder', () => {
  const open = (path: string, cluster = 'c', node = 1): ReturnType<typeof openDataFolder> => openDataFolder(tools, path, cluster, node);

  const init = (): string => {
    const path = freshPath();
    initDataFolder(tools, path, 'c', 1);
    return path;
  };

  it('counts the lives of a node', () => {
    const path = init();
    for (let life = 1; life <= 3; life++) {
      const data = open(path);
      expect(data.identity.incarnation).toBe(life);
      data.release();
    }
  });

  it.each([['another node', 'c', 2], ['another cluster', 'd', 1]])('refuses %s', (_, cluster, node) => {
    const path = init();
    expect(() => open(path, cluster, node)).toThrow(/belongs to node 1 of cluster c/);
  });

  it('refuses to start without the log it had', () => {
    const path = init();
    rmSync(join(path, 'log-000000.wal'));
    expect(() => open(path)).toThrow(/has lost its log/);
    expect(() => open(path)).toThrow(ServerError);
  });

  it('refuses to start without an identity, and leaves the folder as it is', () => {
    const path = freshPath();
    expect(() => open(path)).toThrow(/has lost its disk or was never initialised.*paxos-server init/s);
    expect(existsSync(path)).toBe(false);
    const lost = init();
    rmSync(join(lost, 'identity.json'));
    expect(() => open(lost)).toThrow(/has lost its disk/);
    writeFileSync(join(lost, 'log-000000.wal'), 'something');
    expect(() => open(lost)).toThrow(/has a log but no identity.json/);
    expect(() => initDataFolder(tools, lost, 'c', 1)).toThrow(/has a log but no identity.json/);
  });

  it('is initialised once, also after an attempt that was cut short', () => {
    const path = init();
    expect(() => initDataFolder(tools, path, 'c', 1)).toThrow(/is the folder of a node already/);
    rmSync(join(path, 'identity.json'));
    initDataFolder(tools, path, 'c', 1);
    expect(open(path).identity.incarnation).toBe(1);
  });

  it('refuses an identity of which any bit has changed', () => {
    const path = init();
    const text = readFileSync(join(path, 'identity.json'));
    for (let bit = 0; bit < text.length * 8; bit++) {
      writeFileSync(join(path, 'identity.json'), text.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)));
      expect(() => open(path)).toThrow(/cannot be understood/);
    }
  });
});
