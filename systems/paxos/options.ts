import { z } from 'zod';
import { READ_MODES } from './core/index.js';
import { PAXOS_BUGS } from './server/bugs.js';

/** The options of the bundled system, as `faultline test -o name=value` gives them. */
export const paxosOptions = z.strictObject({
  /** `flexible`: phase 2 needs two nodes only, phase 1 all but one: q1=4, q2=2 with five nodes. */
  quorums: z.enum(['majority', 'flexible']).default('majority').describe('flexible: q2=2 and q1=N-1, as 4 and 2 of five nodes: writes need one other node, elections nearly all'),
  /** Quorum sizes of phase 1 and phase 2; by `quorums` if left out. q1 + q2 must be more than the number of nodes. */
  q1: z.int().min(1).optional().describe('phase-1 quorum (by quorums)'),
  q2: z.int().min(1).optional().describe('phase-2 quorum (by quorums)'),
  reads: z.enum([...READ_MODES, 'mixed']).default('mixed').describe('how reads are served; mixed: each client takes turns with all but stale'),
  leaseMs: z.int().min(0).default(500).describe('length of a leader\'s lease; 0: none'),
  clockError: z.number().min(0).max(0.49).default(0.01).describe('by how much the rate of a clock may be wrong'),
  stableLeader: z.boolean().default(true).describe('false: every node that has requests stands for election, and proposers duel'),
  snapshotEvery: z.int().min(0).default(100).describe('slots from one snapshot to the next; 0: none is taken'),
  heartbeatMs: z.int().min(5).default(50).describe('pause between heartbeats'),
  electionTimeoutMs: z.int().min(20).default(400).describe('silence after which a node tries to lead; drawn from [t, 2t]'),
  requestTimeoutMs: z.int().min(50).default(900).describe('a request without result for so long is answered "unknown"'),
  attemptTimeoutMs: z.int().min(20).default(700).describe('the client tries again after so long'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('of the nodes'),
  bugs: z.array(z.enum(PAXOS_BUGS.map(({ name }) => name))).default([]).describe('switched on with --bug'),
});

export type PaxosOptions = z.infer<typeof paxosOptions>;
