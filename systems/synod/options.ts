import { z } from 'zod';
import { SYNOD_BUGS } from './core/index.js';

/** The options of the system, as `faultline test -o name=value` gives them. Times in milliseconds. */
export const synodOptions = z.strictObject({
  /** The unit of retransmissions and of the pauses of proposers that were preempted. */
  retryMs: z.int().min(5).default(50).describe('what is not answered is sent again after so long; also the unit of the random pauses after a preemption'),
  requestTimeoutMs: z.int().min(50).default(900).describe('a proposal without result for so long is answered "unknown"'),
  bugs: z.array(z.enum(SYNOD_BUGS.map(({ name }) => name))).default([]).describe('switched on with --bug'),
});
