import { z } from 'zod';
import type { Capability, FaultEnd, LinkFault, LinkProbe, Nemesis, Random, Run } from '../../src/index.js';
import { aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { kindsToBeHad } from '../shared/kinds.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { LinkDisturbance } from '../shared/link-disturbance.js';
import { ALL } from '../shared/link-sets.js';
import { sumOf } from '../shared/probes.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import type { LinkChange } from '../shared/traffic.js';
import { SLOW_KINDS, type SlowKind } from './kinds.js';

const OWNER = 'nemesis/slow';

/** Milliseconds: from a neighbouring data centre to another continent. */
const DELAYS = [20, 50, 100, 200] as const;
/** Jitter as a part of the delay. */
const JITTERS = [0, 0.5, 1] as const;
/** Bytes a second: too little for a leader's messages, just enough, and almost enough for everything. */
const BANDWIDTHS = [2048, 8192, 24_576] as const;

/** What each sort needs besides. */
const NEEDS: Readonly<Record<SlowKind['sort'], readonly Capability[]>> = { delay: [], bandwidth: ['link-bandwidth'] };

const slowness = { delayMs: z.number().nonnegative(), jitterMs: z.number().nonnegative(), bytesPerSecond: z.number().positive() };
const startSchema = z.object({ ...aimFields, ...slowness }).partial({ delayMs: true, jitterMs: true, bytesPerSecond: true });
type Start = z.infer<typeof startSchema>;

/** Slows links between nodes: delay with jitter, or little bandwidth. Nothing is lost and nothing overtakes. */
export const slowNemesis: Nemesis = {
  name: 'slow',
  description: 'Slows links between nodes: delay with jitter, or little bandwidth.',
  needs: ['link-delay'],
  kinds: Object.fromEntries(Object.entries(SLOW_KINDS).map(([name, kind]) => [name, kind.description])),
  kindNeeds: Object.fromEntries(Object.entries(SLOW_KINDS).map(([name, { sort }]) => [name, NEEDS[sort]])),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run, 'slow'),
          kinds: nodeNames(run).length < 2 ? [] : kindsToBeHad(run, slowNemesis).map((name) => ({ name })),
          choose: (kind, random): Start => ({ ...drawAim(run, kind, random), ...drawSlowness(kind, random) }),
        }),
      prepare: async (value) => slownessOf(run, parseStart(run, 'slow', SLOW_KINDS, startSchema, value)),
    }),
};

function drawSlowness(kind: string, random: Random): Omit<LinkFault, 'from' | 'to'> {
  if (SLOW_KINDS[kind]?.sort === 'bandwidth') return { bytesPerSecond: random.pick(BANDWIDTHS) };
  const delayMs = random.pick(DELAYS);
  return { delayMs, jitterMs: delayMs * random.pick(JITTERS) };
}

function slownessOf(run: Run, { kind, order, ...fault }: Start): Fault {
  const { delayMs, jitterMs, bytesPerSecond } = fault;
  const slowness = { ...(delayMs === undefined ? {} : { delayMs }), ...(jitterMs === undefined ? {} : { jitterMs }), ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) };
  return new LinkDisturbance(run, {
    owner: OWNER,
    aim: { kind, order },
    on: SLOW_KINDS[kind] ?? ALL,
    fault: slowness,
    effect: (probes, during) => effectOf(probes, during, delayMs),
    healthy: {
      what: 'are quick',
      test: ({ received, meanMs }) => received > 0 && (delayMs === undefined || (meanMs ?? Infinity) < delayMs + (jitterMs ?? 0) / 2),
    },
  });
}

/** A delay shows on our own messages, which are too small to feel a narrow link; that one shows on the nodes'. */
function effectOf(probes: readonly LinkProbe[] | string, during: readonly LinkChange[], delayMs: number | undefined): FaultEnd['effect'] {
  const slowed = during.filter((change) => change.delayedChunks > 0).length;
  const traffic = `${sumOf(during, 'delayedChunks')} chunks of the nodes delayed on ${slowed} of ${during.length} slow links`;
  if (delayMs === undefined || typeof probes === 'string') return { observed: slowed > 0, evidence: `${traffic}${typeof probes === 'string' ? `; probing failed: ${probes}` : ''}` };
  const late = probes.filter(({ meanMs }) => meanMs === null || meanMs >= delayMs * 0.9);
  return { observed: late.length > 0 && late.length === probes.length, evidence: `probes took ${range(probes)} on ${late.length} of ${probes.length} links; ${traffic}` };
}

function range(probes: readonly LinkProbe[]): string {
  const means = probes.flatMap(({ meanMs }) => meanMs ?? []);
  return means.length === 0 ? 'longer than was waited for' : `${Math.min(...means)} to ${Math.max(...means)} ms`;
}
