import { z } from 'zod';
import { grudgeFaults, grudgeRecord, messageOf, type FaultEnd, type FaultValue, type LinkFault, type LinkName, type Nemesis, type Run } from '../../src/index.js';
import { aimAtLeader, aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { seenPassing, startProbe, sumOf, type ProbeLater } from '../shared/probes.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { changes, snapshot, type LinkChange, type Snapshot } from '../shared/traffic.js';
import { Flapping } from './flapping.js';
import { PARTITION_KINDS } from './kinds.js';

const OWNER = 'nemesis/partition';
/** Of ten partitions so many stall their links rather than reset them: a cut that nobody notices is the harder one. */
const STALLS_OF_TEN = 6;
/** How long a flapping link is down, and how long it is up, milliseconds: from a heartbeat to about an election. */
const FLAPS_MS = [60, 120, 250, 400] as const;

const startSchema = z.object({ ...aimFields, drop: z.enum(['stall', 'reset']), downMs: z.number().min(10).optional(), upMs: z.number().min(10).optional() });
type Start = z.infer<typeof startSchema>;

/** Cuts links between nodes, in both directions or one; clients still reach every node. */
export const partitionNemesis: Nemesis = {
  name: 'partition',
  description: 'Cuts links between nodes: messages wait or are lost until it is over (stall), or connections break and are refused (reset).',
  needs: ['links'],
  kinds: Object.fromEntries(Object.entries(PARTITION_KINDS).map(([name, kind]) => [name, kind.description])),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run, 'partition'),
          kinds: Object.entries(PARTITION_KINDS).flatMap(([name, kind]) => (kind.minNodes > nodeNames(run).length ? [] : [{ name }])),
          choose: (kind, random): Start => ({
            ...drawAim(run, kind, random),
            drop: random.int(10) < STALLS_OF_TEN ? 'stall' : 'reset',
            ...(PARTITION_KINDS[kind]?.flaps === true ? { downMs: random.pick(FLAPS_MS), upMs: random.pick(FLAPS_MS) } : {}),
          }),
        }),
      prepare: async (value) => new Partition(run, parseStart(run, 'partition', PARTITION_KINDS, startSchema, value)),
    }),
};

class Partition implements Fault {
  readonly #run: Run;
  readonly #start: Start;
  #value: FaultValue;
  #links: readonly LinkName[] = [];
  #before: Snapshot = new Map();
  #probe: ProbeLater | undefined;
  #flapping: Flapping | undefined;
  inForce = false;

  constructor(run: Run, start: Start) {
    this.#run = run;
    this.#start = start;
    this.#value = { kind: start.kind, drop: start.drop };
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind: name, order, drop, downMs, upMs } = this.#start;
    const kind = PARTITION_KINDS[name];
    if (kind === undefined) return this.#value;
    const aim = kind.atLeader === true ? await aimAtLeader(this.#run, order, signal) : undefined;
    const nodes = aim?.order ?? order;
    const grudge = kind.shape(nodes);
    const faults = grudgeFaults(grudge, drop);
    const flaps = downMs === undefined || upMs === undefined ? {} : { downMs, upMs };
    this.#value = { kind: name, targets: kind.targets(nodes), grudge: grudgeRecord(grudge), drop, ...flaps, ...(aim === undefined ? {} : { leader: aim.leader }), ...(aim?.note === undefined ? {} : { note: aim.note }) };
    this.#links = faults.map(({ from, to }) => ({ from, to }));
    this.inForce = true;
    this.#value = { ...this.#value, ...(await this.#apply(faults)) };
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const probes = await this.#probe?.();
    const flaps = await this.#flapping?.stop().catch(messageOf);
    const during = changes(this.#links, this.#before, await snapshot(this.#run));
    await this.#run.cluster.net.clear(OWNER);
    this.inForce = false;
    const effect = flaps === undefined ? effectOf(during, probes, this.#start.drop) : flappingEffect(during, flaps);
    return { ...this.#value, effect, healed: await seenPassing(this.#run, this.#links, signal) };
  }

  async #apply(faults: readonly LinkFault[]): Promise<{ readonly by: string; readonly interval: readonly [number, number] }> {
    const { net } = this.#run.cluster;
    const { downMs, upMs } = this.#start;
    const before = await snapshot(this.#run);
    const applied = await net.apply(OWNER, faults);
    this.#before = before;
    if (downMs !== undefined && upMs !== undefined) {
      this.#flapping = new Flapping(this.#run.clock, { downMs, upMs, cut: async () => void (await net.apply(OWNER, faults)), join: () => net.clear(OWNER) });
      return applied;
    }
    this.#before = await snapshot(this.#run);
    this.#probe = startProbe(this.#run, this.#links);
    return applied;
  }
}

/** A partition bit if nothing passed that wanted to: neither what the nodes sent nor what we did. */
function effectOf(during: readonly LinkChange[], probes: Awaited<ReturnType<ProbeLater>> | undefined, drop: 'stall' | 'reset'): FaultEnd['effect'] {
  const leaked = sumOf(during, 'deliveredBytes');
  if (leaked > 0) return { observed: false, evidence: `${leaked} bytes passed links that were cut` };
  const bitten = during.filter((change) => change.stalledChunks + change.resets > 0).length;
  const traffic = `${sumOf(during, 'stalledChunks')} chunks of the nodes held${drop === 'reset' ? `, ${sumOf(during, 'resets')} refused or broken off` : ''} on ${bitten} of ${during.length} cut links`;
  if (probes === undefined || typeof probes === 'string') return { observed: bitten > 0, evidence: `${traffic}; probing failed${probes === undefined ? '' : `: ${probes}`}` };
  const passed = probes.filter(({ received }) => received > 0);
  if (passed.length > 0) return { observed: false, evidence: `probes passed ${passed.map(({ from, to, received, sent }) => `${from} -> ${to} (${received} of ${sent})`).join(', ')}; ${traffic}` };
  return { observed: probes.length > 0, evidence: `no probe passed any of ${probes.length} cut links; ${traffic}` };
}

function flappingEffect(during: readonly LinkChange[], flaps: number | string): FaultEnd['effect'] {
  if (typeof flaps === 'string') return { observed: false, evidence: flaps };
  const held = sumOf(during, 'stalledChunks') + sumOf(during, 'resets');
  return { observed: held > 0 && flaps > 1, evidence: `cut ${flaps} times; ${held} chunks of the nodes ran into a cut, ${sumOf(during, 'deliveredChunks')} came through in between` };
}
