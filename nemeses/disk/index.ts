import { z } from 'zod';
import { majoritySize, minoritySize, type Nemesis, type Random, type Run } from '../../src/index.js';
import { aimFields, drawAim, parseStart } from '../shared/aim.js';
import { kindsToBeHad } from '../shared/kinds.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { DAMAGES, drawLuck, isDamage, luckSchema } from './damage.js';
import { DamageFault } from './damage-fault.js';
import type { STRAINS} from './strain-fault.js';
import { StrainFault } from './strain-fault.js';

const KINDS = {
  'bit-flip': 'Changes one bit of a file of a stopped node, and starts it: it should refuse, or it serves wrong data. Undone before it is to work again.',
  truncate: 'Cuts bytes off the end of a file of a stopped node, and starts it; undone like a bit flip.',
  'lost-directory': 'Takes all files of a stopped node away, and starts it: it should not take itself for a new one. Undone like a bit flip.',
  'torn-tail': 'Leaves a torn write at the end of a log of a stopped node, and starts it: it must cope. Not undone.',
  'full-disk': 'Leaves no free space on the disk of a node.',
  'slow-fsync': 'Makes every fsync of a node last 20 to 500 ms longer.',
  'fsync-error': 'Lets every fsync of a node fail with EIO: it should end rather than go on.',
} as const;

const startSchema = z.object({ ...aimFields, whom: z.enum(['one', 'minority', 'majority']).optional(), luck: z.array(luckSchema).readonly().optional(), delayMs: z.number().positive().optional() });

/** Milliseconds. */
const DELAYS_MS = [20, 500] as const;

/** Damages, fills and slows down disks. What destroys durable data hits a minority at most, unless it was asked for more, and is undone. */
export const diskNemesis: Nemesis = {
  name: 'disk',
  description: 'Damages the files of nodes (a minority at most unless asked for more, undone afterwards), leaves torn writes, fills disks, slows down fsync and lets it fail.',
  needs: ['kill', 'disk-damage'],
  kinds: KINDS,
  kindNeeds: { 'full-disk': ['full-disk'], 'slow-fsync': ['slow-disk'], 'fsync-error': ['slow-disk'] },
  create: (run) =>
    new FaultLifecycle({
      generator: (random) => faultSchedule({ random, pace: paceFor(run, 'disk'), kinds: scheduledKinds(run).map((name) => ({ name })), choose: (kind, random) => draw(run, kind, random) }),
      prepare: async (value) => prepare(run, value),
    }),
};

function prepare(run: Run, value: unknown): Fault {
  const { kind, order, whom = 'one', luck = [], delayMs = DELAYS_MS[0] } = parseStart(run, 'disk', KINDS, startSchema, value);
  const count = Math.max(1, sizes(run)[whom]);
  if (isDamage(kind)) return new DamageFault(run, { kind, order, count, luck });
  return new StrainFault(run, { kind: kind as keyof typeof STRAINS, order, count: 1, delayMs });
}

/** Destroyed data must leave a majority whole, and a torn write needs a log. */
function scheduledKinds(run: Run): readonly string[] {
  const least = (kind: string): number => (isDamage(kind) && DAMAGES[kind].destroys ? 1 : 0);
  const hasLog = run.system.appendOnlyFiles !== undefined;
  return kindsToBeHad(run, diskNemesis).filter((kind) => minoritySize(run.cluster.nodes.length) >= least(kind) && (kind !== 'torn-tail' || hasLog));
}

/** What a kind does not use is left out. */
function draw(run: Run, kind: string, random: Random): unknown {
  const aim = drawAim(run, kind, random);
  if (kind === 'slow-fsync') return { ...aim, delayMs: Math.round(DELAYS_MS[0] * (DELAYS_MS[1] / DELAYS_MS[0]) ** random.float()) };
  if (!isDamage(kind)) return aim;
  const size = sizes(run);
  // A majority stays rare even where it is asked for: while it is down there is little to see.
  const most = run.damage === 'majority' && random.float() < 0.3 ? 'majority' : 'minority';
  const whom = size[most] > 1 && random.float() < 0.5 ? most : 'one';
  return { ...aim, whom, luck: Array.from({ length: size[whom] }, () => drawLuck(kind, random)) };
}

function sizes(run: Run): { readonly one: number; readonly minority: number; readonly majority: number } {
  const n = run.cluster.nodes.length;
  return { one: 1, minority: minoritySize(n), majority: majoritySize(n) };
}
