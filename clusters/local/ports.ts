import { createServer, type Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { FaultlineError, type Random } from '../../src/index.js';
import { LOOPBACK } from './net.js';

const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 65_535;
/** Ports in the hands of one controller: more than its runs at a time need. */
const BLOCK_PORTS = 400;

/** What each port is for, e.g. `client port of n1`. */
export interface PortWish {
  readonly use: string;
}

/**
 * Ports of the loopback address that are free now, one for each wish: consecutive ones from `basePort`, or drawn.
 * Throws FaultlineError `port-in-use` or `no-free-port`.
 */
export async function allocatePorts(wishes: readonly PortWish[], basePort: number | undefined, random: Random): Promise<readonly number[]> {
  return basePort === undefined ? drawPorts(wishes.length, random) : fixedPorts(wishes, basePort);
}

async function fixedPorts(wishes: readonly PortWish[], basePort: number): Promise<readonly number[]> {
  const last = basePort + wishes.length - 1;
  if (last > HIGHEST_PORT) {
    throw new FaultlineError('bad-option', `${wishes.length} ports from ${basePort} on go beyond ${HIGHEST_PORT}`, { kind: 'usage', hint: `Give a first port of ${HIGHEST_PORT + 1 - wishes.length} or lower.` });
  }
  const ports = wishes.map((_, i) => basePort + i);
  for (const [i, port] of ports.entries()) {
    const reason = await whyNotFree(port);
    if (reason === undefined) continue;
    throw new FaultlineError('port-in-use', `port ${port} on ${LOOPBACK} (${wishes[i]?.use ?? ''}) cannot be used: ${reason}`, {
      kind: 'usage',
      hint: `Ports ${basePort} to ${last} are needed. Stop what listens on ${port} (ss -ltnp 'sport = :${port}' names it; faultline clean removes what killed runs left), give another --base-port, or leave it out to get free ones.`,
    });
  }
  return ports;
}

/**
 * Free ports outside the range that the kernel takes for outgoing connections: from that range a port could be taken
 * while its node is down, or a dialler could meet itself (TCP's simultaneous open) on the port of a dead node. And from this controller's own block: that a port is free may mean that
 * a node of another run is down just now, whose clients would then talk to ours.
 */
async function drawPorts(count: number, random: Random): Promise<readonly number[]> {
  block ??= takeBlock(random);
  const own = await block;
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt >= own.size) throw new FaultlineError('no-free-port', `found ${ports.size} free ports on ${LOOPBACK}, ${count} are needed`, { hint: 'Give --base-port the first of enough free ones.' });
    const port = own.first + (own.next++ % own.size);
    if ((await whyNotFree(port)) === undefined) ports.add(port);
  }
  return [...ports];
}

/** Ports that belong to one controller: as long as it lives it listens on the one before them. */
export interface PortBlock {
  readonly first: number;
  readonly size: number;
  /** Goes round, so that runs of one controller at the same time get different ports. */
  next: number;
  readonly guard: Server;
}

/** The block of this process, once it is taken. */
let block: Promise<PortBlock> | undefined;

/** Takes a block that no living controller has. Throws FaultlineError `no-free-port`. */
export async function takeBlock(random: Random): Promise<PortBlock> {
  const range = listeningRange();
  const count = Math.floor((range.last - range.first + 1) / BLOCK_PORTS);
  for (const i of random.shuffle(Array.from({ length: count }, (_, index) => index))) {
    const at = range.first + i * BLOCK_PORTS;
    const guard = await listenAt(at);
    if (typeof guard === 'string') continue;
    // It ends with the process, and does not keep it.
    guard.unref();
    return { first: at + 1, size: BLOCK_PORTS - 1, next: random.int(BLOCK_PORTS - 1), guard };
  }
  throw new FaultlineError('no-free-port', `all ${count} blocks of ports on ${LOOPBACK} are taken by other runs`, { hint: 'Give --base-port the first of enough free ports.' });
}

function listeningRange(): { readonly first: number; readonly last: number } {
  const [low, high] = outgoingRange();
  const below = { first: LOWEST_PORT, last: low - 1 };
  const above = { first: high + 1, last: HIGHEST_PORT };
  return below.last - below.first >= above.last - above.first ? below : above;
}

/** Linux says; elsewhere the range that IANA gives (RFC 6335). */
function outgoingRange(): readonly [number, number] {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    if (low !== undefined && high !== undefined && high - low < 50_000) return [low, high];
  } catch {
    // Not Linux.
  }
  return [49_152, HIGHEST_PORT];
}

/** Why nobody can listen there, or undefined if one can. */
async function whyNotFree(port: number): Promise<string | undefined> {
  const server = await listenAt(port);
  if (typeof server === 'string') return server;
  await new Promise((resolve) => server.close(resolve));
  return undefined;
}

/** Listens on a port, or says why that cannot be. */
async function listenAt(port: number): Promise<Server | string> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 'something listens there already' : error.message));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => resolve(server));
  });
}
