import { run } from './command.js';
import { tryNetem } from './netem.js';
import type { PacketTrial } from './protocol.js';
import { tryQueueRule } from './queues.js';

/**
 * Tries how packets can be held back, lost and overtaken here. The one trial of the doctor (who has it run in a container of the node image) and of the agent: what the one
 * promises the other can keep, and by the same means.
 */
export async function tryPackets(): Promise<PacketTrial> {
  // Queues first: they act at the receiver, keep the order under jitter, and count; see queues.ts.
  const nfqueue = await whyNot(tryQueues);
  if (nfqueue === undefined) return { by: 'nfqueue' };
  const netem = await whyNot(tryNetem);
  return netem === undefined ? { by: 'netem' } : { why: `nfqueue: ${nfqueue}; netem: ${netem}` };
}

/** Netfilter queues: the kernel's target, and Python with netlink. */
async function tryQueues(): Promise<void> {
  await tryQueueRule('iptables');
  await run(['python3', '-c', 'import socket; socket.socket(16, socket.SOCK_RAW, 12).close()']);
}

async function whyNot(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ').trim();
  }
}
