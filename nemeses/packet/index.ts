import { z } from 'zod';
import type { Capability, FaultEnd, LinkProbe, Nemesis, Random, Run } from '../../src/index.js';
import { aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { kindsToBeHad } from '../shared/kinds.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { LinkDisturbance } from '../shared/link-disturbance.js';
import { ALL } from '../shared/link-sets.js';
import { sumOf } from '../shared/probes.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import type { LinkChange } from '../shared/traffic.js';
import { PACKET_KINDS, type PacketKind } from './kinds.js';

const OWNER = 'nemesis/packet';

/** The part of the packets that is hit, by sort: enough that a probe of twenty datagrams a link shows it on most links. */
const RATES: Readonly<Record<PacketKind['sort'], readonly number[]>> = { loss: [0.1, 0.25, 0.5], duplicate: [0.25, 0.5, 1], reorder: [0.1, 0.25, 0.5] };

/** What each sort needs besides. */
const NEEDS: Readonly<Record<PacketKind['sort'], readonly Capability[]>> = { loss: [], duplicate: ['link-duplicate'], reorder: ['link-reorder'] };

const rate = z.number().gt(0).max(1).optional();
const startSchema = z.object({ ...aimFields, lossRate: rate, duplicateRate: rate, reorderRate: rate });
type Start = z.infer<typeof startSchema>;

/** Loses, duplicates and reorders packets. TCP mends all three; what it cannot hide is the time that takes. */
export const packetNemesis: Nemesis = {
  name: 'packet',
  description: 'Loses, duplicates or reorders packets between nodes.',
  needs: ['link-loss'],
  kinds: Object.fromEntries(Object.entries(PACKET_KINDS).map(([name, kind]) => [name, kind.description])),
  kindNeeds: Object.fromEntries(Object.entries(PACKET_KINDS).map(([name, { sort }]) => [name, NEEDS[sort]])),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run, 'packet'),
          kinds: nodeNames(run).length < 2 ? [] : kindsToBeHad(run, packetNemesis).map((name) => ({ name })),
          choose: (kind, random): Start => ({ ...drawAim(run, kind, random), ...drawRate(kind, random) }),
        }),
      prepare: async (value) => disturbanceOf(run, parseStart(run, 'packet', PACKET_KINDS, startSchema, value)),
    }),
};

function drawRate(kind: string, random: Random): Omit<Start, 'kind' | 'order'> {
  const sort = PACKET_KINDS[kind]?.sort ?? 'loss';
  const value = random.pick(RATES[sort]);
  return sort === 'loss' ? { lossRate: value } : sort === 'duplicate' ? { duplicateRate: value } : { reorderRate: value };
}

function disturbanceOf(run: Run, { kind, order, lossRate, duplicateRate, reorderRate }: Start): Fault {
  return new LinkDisturbance(run, {
    owner: OWNER,
    aim: { kind, order },
    on: PACKET_KINDS[kind] ?? ALL,
    fault: { ...(lossRate === undefined ? {} : { lossRate }), ...(duplicateRate === undefined ? {} : { duplicateRate }), ...(reorderRate === undefined ? {} : { reorderRate }) },
    effect: (probes, during) => effectOf(PACKET_KINDS[kind]?.sort ?? 'loss', probes, during),
    // Chance may spare or hit a few datagrams on a healthy link under other faults: what must be gone is the pattern.
    healthy: { what: 'carry packets whole', test: ({ sent, received, duplicates, reordered }) => received >= sent * 0.9 && duplicates + reordered <= sent * 0.1 },
  });
}

const SEEN: Readonly<Record<PacketKind['sort'], { readonly words: string; readonly of: (probe: LinkProbe) => number }>> = {
  loss: { words: 'lost', of: ({ sent, received }) => sent - received },
  duplicate: { words: 'arrived twice', of: ({ duplicates }) => duplicates },
  reorder: { words: 'were overtaken', of: ({ reordered }) => reordered },
};

function effectOf(sort: PacketKind['sort'], probes: readonly LinkProbe[] | string, during: readonly LinkChange[]): FaultEnd['effect'] {
  const traffic = `${sumOf(during, 'disturbedChunks')} packets of the nodes were hit`;
  if (typeof probes === 'string') return { observed: sumOf(during, 'disturbedChunks') > 0, evidence: `${traffic}; probing failed: ${probes}` };
  const { words, of } = SEEN[sort];
  const total = (count: (probe: LinkProbe) => number): number => probes.reduce((sum, probe) => sum + count(probe), 0);
  const hit = total(of);
  return { observed: hit > 0, evidence: `of ${total(({ sent }) => sent)} probes on ${probes.length} links ${hit} ${words}; ${traffic}` };
}
