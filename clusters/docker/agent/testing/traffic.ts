import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult } from '../protocol.js';
import { inside, type TestNetwork, type TestNode } from './netns.js';

/** What came of dialling a peer and sending it some bytes. */
export interface Dialled {
  /** `echoed`, a code such as `ECONNREFUSED`, or `silence`. */
  readonly end: string;
  readonly ms: number;
}

const DIAL = `
const [address, port, bytes, patience] = process.argv.slice(1);
const began = performance.now();
const over = (end) => { console.log(JSON.stringify({ end, ms: performance.now() - began })); process.exit(0); };
const socket = require('net').connect(Number(port), address, () => socket.write(Buffer.alloc(Number(bytes), 7)));
let left = Number(bytes);
socket.on('data', (chunk) => { if (chunk.some((byte) => byte !== 7)) over('damaged'); left -= chunk.length; if (left === 0) over('echoed'); });
socket.on('error', (error) => over(error.code));
setTimeout(over, Number(patience), 'silence');
`;

const ECHO = `require('net').createServer((socket) => socket.on('error', () => 0).pipe(socket)).listen(Number(process.argv[1]), () => console.log('listening'))`;

/** Listens on a node and gives back what is said. It ends with the network. */
export async function echo(node: TestNode, port: number): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', node.namespace, process.execPath, '-e', ECHO, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve, reject) => child.stdout.once('data', () => resolve()).once('close', () => reject(new Error('no echo'))));
}

/** Dials a node from another and waits for its bytes to come back. */
export async function dial(from: TestNode, to: TestNode, port: number, { bytes = 100, patienceMs = 700, address = to.address } = {}): Promise<Dialled> {
  return JSON.parse(await inside(from, process.execPath, '-e', DIAL, address, String(port), String(bytes), String(patienceMs))) as Dialled;
}

/** Sends datagrams along a link and gives what came of them, once no more come. */
export async function probe(network: TestNetwork, from: string, to: string, { count = 20, gapMs = 1, settleMs = 80 } = {}): Promise<ProbeResult> {
  const nonce = randomUUID();
  const { address, agent } = network.node(to);
  await network.node(from).agent.probeSend({ to: [{ name: to, address }], nonce, count, gapMs });
  const nothing: ProbeResult = { from, received: 0, duplicates: 0, reordered: 0, meanMs: null, maxMs: null };
  for (let before = ''; ; ) {
    const now = (await agent.probeResult(nonce)).find((result) => result.from === from) ?? nothing;
    // What is lost leaves no trace to wait for: as long as nothing changes for longer than the link's own delay.
    if (JSON.stringify(now) === before) return now;
    before = JSON.stringify(now);
    await sleep(settleMs);
  }
}
