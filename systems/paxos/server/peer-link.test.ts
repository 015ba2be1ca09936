import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeLog } from './log.js';
import { PeerLink } from './peer-link.js';

it('a peer that is lost for long is dialled rarely, until it calls or a connection has held', async () => {
  let calls = 0;
  let answer = (socket: Socket): unknown => socket.destroy();
  const server = createServer((socket) => {
    calls++;
    socket.on('error', () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const link = new PeerLink({ cluster: 'c', genesis: '', self: 1 }, 2, { host: '127.0.0.1', port }, makeLog('error', 1, () => '', () => undefined), { lostMs: 400, retryMs: 60_000 });
  const callsWithin = async (ms: number): Promise<number> => {
    const before = calls;
    await sleep(ms);
    return calls - before;
  };
  // One that hangs up at once is no better than one that is not there: another node may live at its address.
  expect(await callsWithin(350)).toBeGreaterThan(2);
  await sleep(600);
  expect(await callsWithin(500)).toBe(0);
  link.wake();
  expect(await callsWithin(350)).toBeGreaterThan(2);
  await sleep(600);
  answer = (socket) => setTimeout(() => socket.destroy(), 1100);
  link.wake();
  await sleep(1050);
  answer = (socket) => socket.destroy();
  expect(await callsWithin(800)).toBeGreaterThan(2);
  link.close();
  server.close();
});
