import { z } from 'zod';
import type { Nemesis, Random, Run } from '../../src/index.js';
import { aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { FaultLifecycle } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { ClockFault } from './fault.js';

const KINDS = {
  bump: 'Sets the clock of one node forward or back, by 50 ms to 5 minutes.',
  'bump-minority': 'Sets the clocks of a minority, each by its own offset.',
  'bump-leader': 'Sets the clock of the leader.',
  strobe: 'Switches the clock of one node to and fro between two offsets.',
  drift: 'Lets the clock of one node run at half to double speed.',
  'drift-leader': 'Lets the clock of the leader run at half to double speed.',
  scramble: 'Sets the clocks of all nodes, each by its own offset.',
} as const;

const startSchema = z.object({
  ...aimFields,
  offsetsMs: z.array(z.number()).min(1).readonly(),
  rate: z.number().positive().optional(),
  betweenMs: z.tuple([z.number(), z.number()]).readonly().optional(),
  periodMs: z.number().min(10).optional(),
});

/** Smaller offsets are hard to tell from slow answers on a busy machine; larger ones bring out nothing new. Milliseconds. */
const LEAST_MS = 50;
const MOST_MS = 5 * 60_000;

/** Moves the wall clocks that nodes see; their monotonic clocks go on. */
export const clockNemesis: Nemesis = {
  name: 'clock',
  description: 'Moves wall clocks: jumps, strobes, drifts.',
  needs: ['clock'],
  kinds: KINDS,
  create: (run) =>
    new FaultLifecycle({
      generator: (random) => faultSchedule({ random, pace: paceFor(run, 'clock'), kinds: Object.keys(KINDS).map((name) => ({ name })), choose: (kind, random) => draw(run, kind, random) }),
      prepare: async (value) => new ClockFault(run, parseStart(run, 'clock', KINDS, startSchema, value)),
    }),
};

/** One offset for every node of the order; what a kind does not use is left out. */
function draw(run: Run, kind: string, random: Random): unknown {
  const drift = kind.startsWith('drift');
  return {
    ...drawAim(run, kind, random),
    offsetsMs: nodeNames(run).map(() => (drift ? 0 : drawOffset(random))),
    ...(drift ? { rate: drawRate(random) } : {}),
    ...(kind === 'strobe' ? { betweenMs: drawPair(random), periodMs: 10 + random.int(191) } : {}),
  };
}

/** Log-uniform, either way. */
function drawOffset(random: Random): number {
  const size = Math.round(LEAST_MS * (MOST_MS / LEAST_MS) ** random.float());
  return random.float() < 0.5 ? -size : size;
}

/** Two offsets that can be told from each other. */
function drawPair(random: Random): readonly [number, number] {
  const [a, b] = [drawOffset(random), drawOffset(random)];
  return Math.abs(a - b) < LEAST_MS ? [a, -b] : [a, b];
}

/** Half to double speed, log-uniform, and a fifth faster or slower at least: less is hardly seen within a second. */
function drawRate(random: Random): number {
  const size = 1.2 * (2 / 1.2) ** random.float();
  return Number((random.float() < 0.5 ? 1 / size : size).toFixed(3));
}
