import { z } from 'zod';

/**
 * What the controller and the agent in a node's holder say to each other: a line of JSON each way. Every request has a number and gets one reply; the agent also tells
 * events of its own accord.
 */

/** UDP port on which agents hear each other's probes. */
export const PROBE_PORT = 7999;

const linkFields = {
  drop: z.enum(['stall', 'reset']).optional(),
  delayMs: z.number().min(0),
  jitterMs: z.number().min(0),
  lossRate: z.number().min(0).max(1),
  duplicateRate: z.number().min(0).max(1),
  reorderRate: z.number().min(0).max(1),
  bytesPerSecond: z.number().positive().optional(),
};

/** The whole state of the link from a peer to this node. */
const incoming = z.object({ from: z.string(), ...linkFields });
/** The whole state of the link from this node to a peer. */
const outgoing = z.object({ to: z.string(), ...linkFields });

/** Another node: its name, IPv4 address and hardware address on the run's network. */
const peer = z.object({ name: z.string().regex(/^n\d+$/), address: z.ipv4(), mac: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i) });

export const requestSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('ping') }),
  z.object({ op: z.literal('prepare') }),
  z.object({ op: z.literal('setup'), peers: z.array(peer), peerPorts: z.array(z.int().min(1).max(65_535)) }),
  z.object({ op: z.literal('applyLinks'), incoming: z.array(incoming), outgoing: z.array(outgoing) }),
  z.object({ op: z.literal('stats') }),
  z.object({ op: z.literal('heal') }),
  z.object({ op: z.literal('probeSend'), to: z.array(z.object({ name: z.string(), address: z.ipv4() })), nonce: z.string(), count: z.int().min(1).max(1000), gapMs: z.number().min(0).max(100) }),
  z.object({ op: z.literal('probeResult'), nonce: z.string() }),
  z.object({ op: z.literal('setClock'), text: z.string() }),
  z.object({ op: z.literal('list') }),
  z.object({ op: z.literal('read'), path: z.string() }),
  z.object({ op: z.literal('patch'), path: z.string(), at: z.int().min(0), base64: z.string() }),
  z.object({ op: z.literal('truncate'), path: z.string(), length: z.int().min(0) }),
  z.object({ op: z.literal('rename'), from: z.string(), to: z.string() }),
  z.object({ op: z.literal('replace'), from: z.string(), to: z.string(), keep: z.array(z.string()) }),
  z.object({ op: z.literal('wipe') }),
  z.object({ op: z.literal('fill') }),
  z.object({ op: z.literal('free') }),
]);

export type AgentRequest = z.infer<typeof requestSchema>;
export type Incoming = z.infer<typeof incoming>;
export type Outgoing = z.infer<typeof outgoing>;
export type Peer = z.infer<typeof peer>;

/** Counters of the link from a peer to this node, since the agent's start; probes are not in them. */
export const linkCountsSchema = z.object({
  from: z.string(),
  deliveredPackets: z.number(),
  deliveredBytes: z.number(),
  stalledPackets: z.number(),
  resets: z.number(),
  delayedPackets: z.number(),
  disturbedPackets: z.number(),
  /** What was done, at this end, to packets of the opposite link, from this node to the peer. */
  outgoing: z.object({ delayedPackets: z.number(), disturbedPackets: z.number() }),
});
export type LinkCounts = z.infer<typeof linkCountsSchema>;

/** What arrived of a probe from one peer. */
export const probeResultSchema = z.object({ from: z.string(), received: z.number(), duplicates: z.number(), reordered: z.number(), meanMs: z.number().nullable(), maxMs: z.number().nullable() });
export type ProbeResult = z.infer<typeof probeResultSchema>;

/** By what packets can be delayed, lost and overtaken here, or why not. */
export const packetTrialSchema = z.union([z.object({ by: z.enum(['netem', 'nfqueue']) }), z.object({ why: z.string() })]);
export type PacketTrial = z.infer<typeof packetTrialSchema>;

/** How the agent was told what it is to do. */
export const configSchema = z.object({ runId: z.string(), self: z.string(), root: z.string().default('/faultline'), silenceMs: z.number().default(20_000), lingerMs: z.number().default(600_000) });
export type AgentConfig = z.infer<typeof configSchema>;
