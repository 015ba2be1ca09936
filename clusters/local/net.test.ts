import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random, realClock, type LinkStats } from '../../src/index.js';
import { LocalNet } from './net.js';
import { combineFaults, WHOLE } from '../shared/link-state.js';
import { dial, digestOf, eventually, Listener, type Peer } from './testing/sockets.js';

const clock = realClock();
let net: LocalNet;
let b: Listener;
let dialled: Peer[];

beforeEach(async () => {
  dialled = [];
  b = await Listener.open();
  net = new LocalNet(['a', 'b', 'c'], clock, Random.fromSeed('net'));
  await net.open('a', 'b', 'peer', b.endpoint);
});

afterEach(async () => {
  for (const { socket } of dialled) socket.destroy();
  await net[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

async function dialFromA(): Promise<Peer> {
  const peer = await dial(net.way('a', 'b', 'peer'));
  dialled.push(peer);
  return peer;
}

/** A connection from a to b through the relay, both ends, proven to carry bytes. */
async function connected(): Promise<{ readonly a: Peer; readonly b: Peer }> {
  const before = b.accepted.length;
  const a = await dialFromA();
  const other = await b.peer(before);
  a.socket.write('?');
  await eventually('the first byte', () => other.text === '?');
  return { a, b: other };
}

function stats(from: string, to: string): LinkStats {
  const found = net.counters().find((link) => link.from === from && link.to === to);
  if (found === undefined) throw new Error(`no link ${from} ${to}`);
  return found;
}

/** Long enough for loopback bytes to have come through if they could: something else made the way twice meanwhile. */
async function settled(): Promise<void> {
  await clock.sleep(60);
}

describe('a whole link', () => {
  it('carries bytes both ways and counts them', async () => {
    const { a, b } = await connected();
    a.socket.write('hello');
    b.socket.write('world!');
    await eventually('both', () => b.text === '?hello' && a.text === 'world!');
    expect(stats('a', 'b')).toMatchObject({ deliveredBytes: 6, cut: false, heldBytes: 0, stalledChunks: 0, delayedChunks: 0, resets: 0 });
    expect(stats('b', 'a').deliveredBytes).toBe(6);
    expect(stats('b', 'a').deliveredChunks).toBeGreaterThan(0);
    expect(stats('a', 'c')).toMatchObject({ deliveredBytes: 0 });
    expect(net.faulty()).toBe(false);
  });

  it('passes the end of one direction on and keeps the other', async () => {
    const { a, b } = await connected();
    a.socket.end('last');
    await eventually('the end', () => b.ended && b.text === '?last');
    b.socket.end('still here');
    await eventually('the answer', () => a.ended && a.text === 'still here');
  });

  it('passes a reset on, after the bytes before it', async () => {
    const { a, b } = await connected();
    a.socket.resetAndDestroy();
    await eventually('the reset', () => b.error === 'ECONNRESET');
  });

  it('resets the dialler when nobody listens', async () => {
    await b[Symbol.asyncDispose]();
    const a = await dialFromA();
    await eventually('the reset', () => a.error === 'ECONNRESET');
    expect(stats('a', 'b').resets).toBe(0);
  });

  it('knows no ways and links but its own', async () => {
    expect(() => net.way('a', 'c', 'peer')).toThrow(/no way from a to port "peer" of c/);
    await expect(net.apply('x', [{ from: 'a', to: 'b', drop: 'stall' }, { from: 'a', to: 'z' }])).rejects.toThrow(/"z"/);
    expect(net.faulty()).toBe(false);
  });
});

describe('a stall', () => {
  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)('of %s -> %s holds that direction only, and lets go at once when healed', async (from, to) => {
    const ends = await connected();
    const [sender, receiver] = from === 'a' ? [ends.a, ends.b] : [ends.b, ends.a];
    const heard = receiver.text;
    await net.apply('test', [{ from, to, drop: 'stall' }]);
    sender.socket.write('held');
    receiver.socket.write('free');
    await eventually('the other direction', () => sender.text.endsWith('free'));
    await eventually('the held chunk', () => stats(from, to).heldBytes === 4);
    const delivered = stats(from, to).deliveredBytes;
    await settled();
    expect(receiver.text).toBe(heard);
    expect(stats(from, to)).toMatchObject({ cut: true, stalledChunks: 1, deliveredBytes: delivered });
    await net.clear('test');
    await eventually('the held chunk', () => receiver.text === `${heard}held`);
    expect(stats(from, to)).toMatchObject({ cut: false, heldBytes: 0, stalledChunks: 1, deliveredBytes: delivered + 4 });
  });

  it('holds the end of a stream and a reset too', async () => {
    const first = await connected();
    const second = await connected();
    await net.apply('test', [{ from: 'a', to: 'b', drop: 'stall' }]);
    first.a.socket.end('bye');
    second.a.socket.resetAndDestroy();
    await settled();
    expect([first.b.ended, first.b.text, second.b.error]).toEqual([false, '?', undefined]);
    await net.heal();
    await eventually('both ends', () => first.b.ended && first.b.text === '?bye' && second.b.error === 'ECONNRESET');
  });

  it('accepts new connections, of which the other side sees nothing before healing', async () => {
    await net.apply('test', [{ from: 'a', to: 'b', drop: 'stall' }]);
    const patient = await dialFromA();
    const hasty = await dialFromA();
    patient.socket.write('hello');
    await eventually('the held chunk', () => stats('a', 'b').stalledChunks === 1);
    hasty.socket.resetAndDestroy();
    await settled();
    expect(b.accepted).toHaveLength(0);
    await net.clear('test');
    const other = await b.peer();
    await eventually('the bytes', () => other.text === 'hello');
    await settled();
    expect(b.accepted).toHaveLength(1);
  });

  it('of the way back lets a new connection be made and used one way', async () => {
    await net.apply('test', [{ from: 'b', to: 'a', drop: 'stall' }]);
    const a = await dialFromA();
    a.socket.write('one way');
    const other = await b.peer();
    await eventually('the bytes', () => other.text === 'one way');
    other.socket.write('no answer');
    await settled();
    expect(a.text).toBe('');
  });

  it('keeps a refusal from the dialler until the way back is whole', async () => {
    await net.apply('test', [{ from: 'b', to: 'a', drop: 'stall' }]);
    await b[Symbol.asyncDispose]();
    const a = await dialFromA();
    await settled();
    expect(a.error).toBeUndefined();
    await net.heal();
    await eventually('the refusal', () => a.error === 'ECONNRESET');
  });

  it('pushes back on the sender and buffers little', async () => {
    const { a } = await connected();
    await net.apply('test', [{ from: 'a', to: 'b', drop: 'stall' }]);
    for (let i = 0; i < 64; i++) a.socket.write(Buffer.alloc(1024 * 1024));
    await eventually('a full pipe', () => stats('a', 'b').heldBytes >= 512 * 1024);
    await settled();
    expect(stats('a', 'b').heldBytes).toBeLessThan(640 * 1024);
    expect(a.socket.writableLength).toBeGreaterThan(32 * 1024 * 1024);
  });

  it('again and again loses not a byte of 10 MB', async () => {
    const { a, b } = await connected();
    const bytes = randomBytes(10 * 1024 * 1024);
    const half = bytes.length / 2;
    let stalls = 0;
    b.socket.on('data', () => {
      if (stalls >= 20 || b.socket.bytesRead < (stalls * bytes.length) / 20) return;
      stalls += 1;
      void net.apply('test', [{ from: 'a', to: 'b', drop: 'stall' }]).then(() => setTimeout(() => void net.clear('test'), 5));
    });
    b.socket.write(bytes.subarray(0, half));
    a.socket.write(bytes);
    await eventually('all bytes', () => b.socket.bytesRead === bytes.length + 1 && a.socket.bytesRead === half);
    expect(stalls).toBe(20);
    expect(digestOf(b.received.subarray(1))).toBe(digestOf(bytes));
    expect(a.digest).toBe(digestOf(bytes.subarray(0, half)));
    expect(stats('a', 'b').deliveredBytes).toBe(bytes.length + 1);
  });
});

describe('a reset', () => {
  it('breaks connections, refuses new ones, and counts both', async () => {
    const { a, b } = await connected();
    await net.apply('test', [{ from: 'a', to: 'b', drop: 'reset' }]);
    await eventually('both ends broken', () => a.error === 'ECONNRESET' && b.error === 'ECONNRESET');
    expect(stats('a', 'b').resets).toBe(1);
    const again = await dialFromA();
    await eventually('the refusal', () => again.error === 'ECONNRESET');
    expect(stats('a', 'b').resets).toBe(2);
    await net.clear('test');
    await connected();
  });

  it('of the way back only holds the bytes of that direction', async () => {
    const { a, b } = await connected();
    await net.apply('test', [{ from: 'b', to: 'a', drop: 'reset' }]);
    b.socket.write('held');
    a.socket.write('free');
    await eventually('the other direction', () => b.text === '?free' && stats('b', 'a').stalledChunks === 1);
    expect([a.text, a.error]).toEqual(['', undefined]);
    await net.heal();
    await eventually('the held bytes', () => a.text === 'held');
  });
});

describe('a slow link', () => {
  it('delays every chunk, keeps their order, and lets go at once when healed', async () => {
    const { a, b } = await connected();
    await net.apply('test', [{ from: 'a', to: 'b', delayMs: 40, jitterMs: 60 }]);
    const start = clock.now();
    for (let i = 0; i < 30; i++) {
      a.socket.write(`${i},`);
      await clock.sleep(2);
    }
    const expected = `?${Array.from({ length: 30 }, (_, i) => `${i},`).join('')}`;
    await eventually('all chunks', () => b.text === expected);
    expect(clock.now() - start).toBeGreaterThanOrEqual(40e6);
    expect(stats('a', 'b').delayedChunks).toBeGreaterThan(0);
    await net.apply('test', [{ from: 'a', to: 'b', delayMs: 3_600_000 }]);
    a.socket.end('late');
    await eventually('the delayed chunk', () => stats('a', 'b').delayedChunks > 1);
    await settled();
    expect([b.text, b.ended]).toEqual([expected, false]);
    await net.clear('test');
    await eventually('the end', () => b.ended && b.text === `${expected}late`);
  });

  it('does not hurry, however many owners slow it', async () => {
    const { a, b } = await connected();
    await net.apply('one', [{ from: 'a', to: 'b', delayMs: 60 }]);
    await net.apply('two', [{ from: 'a', to: 'b', delayMs: 60 }]);
    const start = clock.now();
    a.socket.write('slow');
    await eventually('the chunk', () => b.text === '?slow');
    expect(clock.now() - start).toBeGreaterThanOrEqual(120e6);
  });

  it('keeps to its bandwidth over all connections', async () => {
    const first = await connected();
    const second = await connected();
    await net.apply('test', [{ from: 'a', to: 'b', bytesPerSecond: 100_000 }]);
    const start = clock.now();
    first.a.socket.write(Buffer.alloc(15_000));
    second.a.socket.write(Buffer.alloc(15_000));
    await eventually('all bytes', () => first.b.received.length + second.b.received.length === 30_002);
    // 30 kB less the burst of 20 ms.
    expect(clock.now() - start).toBeGreaterThanOrEqual(250e6);
    expect(stats('a', 'b').delayedChunks).toBeGreaterThan(0);
    await net.apply('test', [{ from: 'a', to: 'b', bytesPerSecond: 10 }]);
    first.a.socket.write(Buffer.alloc(100_000));
    await eventually('a piece', () => first.b.received.length > 15_001);
    await net.clear('test');
    await eventually('the rest', () => first.b.received.length === 115_001);
  });
});

describe('faults of several owners', () => {
  it('add up, and each is removed alone', async () => {
    const { a, b } = await connected();
    await net.apply('one', [{ from: 'a', to: 'b', drop: 'stall' }]);
    await net.apply('two', [{ from: 'a', to: 'b', drop: 'stall', delayMs: 5 }]);
    a.socket.write('x');
    await net.clear('one');
    await settled();
    expect([b.text, net.faulty()]).toEqual(['?', true]);
    await net.apply('two', [{ from: 'a', to: 'b', delayMs: 5 }]);
    await eventually('the chunk', () => b.text === '?x');
    await net.clear('two');
    expect(net.faulty()).toBe(false);
  });

  it('combine to the worst of all', () => {
    const link = { from: 'a', to: 'b' };
    expect(combineFaults([{ ...link, delayMs: 5, jitterMs: 1 }, { ...link, drop: 'reset' }, { ...link, drop: 'stall', delayMs: 7 }, { ...link, bytesPerSecond: 10 }, { ...link, bytesPerSecond: 20 }])).toMatchObject({
      drop: 'reset',
      delayMs: 12,
      jitterMs: 1,
      bytesPerSecond: 10,
    });
    expect(combineFaults([])).toEqual(WHOLE);
    expect(combineFaults([{ ...link, lossRate: 0.5 }, { ...link, lossRate: 0.5, duplicateRate: 0.25 }])).toMatchObject({ lossRate: 0.75, duplicateRate: 0.25, reorderRate: 0 });
  });
});
