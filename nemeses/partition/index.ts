import { z } from 'zod';
import { grudgeFaults, grudgeRecord, type FaultEnd, type FaultValue, type LinkFault, type LinkName, type Nemesis, type Run } from '../../src/index.js';
import { aimAtLeader, aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { seenPassing, startProbe, sumOf, type ProbeLater } from '../shared/probes.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { changes, snapshot, type LinkChange, type Snapshot } from '../shared/traffic.js';
import { ChangingPartition } from './changing.js';
import { courseFields } from './courses.js';
import { PARTITION_KINDS } from './kinds.js';

const OWNER = 'nemesis/partition';
/** Of ten partitions so many stall their links rather than reset them: a cut that nobody notices is the harder one. */
const STALLS_OF_TEN = 6;

/** One that changes by itself lasts longer: it is many. */
const CHANGING = 2.5;

const startSchema = z.object({ ...aimFields, drop: z.enum(['stall', 'reset']), ...courseFields });
type Start = z.infer<typeof startSchema>;
type StillStart = Pick<Start, 'kind' | 'order' | 'drop'>;

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
          kinds: Object.entries(PARTITION_KINDS).flatMap(([name, { minNodes, course }]) => (minNodes > nodeNames(run).length ? [] : [{ name, ...(course === undefined ? {} : { lengthFactor: CHANGING }) }])),
          choose: (kind, random): Start => ({
            ...drawAim(run, kind, random),
            drop: random.int(10) < STALLS_OF_TEN ? 'stall' : 'reset',
            ...PARTITION_KINDS[kind]?.course?.draw(nodeNames(run), random),
          }),
        }),
      prepare: async (value) => {
        const { kind, order, drop, ...start } = parseStart(run, 'partition', PARTITION_KINDS, startSchema, value);
        const { course, targets = () => order, atLeader = false } = PARTITION_KINDS[kind] ?? {};
        return course === undefined ? new Partition(run, { kind, order, drop }) : new ChangingPartition(run, { owner: OWNER, kind, atLeader, order, drop, start, course, targets });
      },
    }),
};

class Partition implements Fault {
  readonly #run: Run;
  readonly #start: StillStart;
  #value: FaultValue;
  #links: readonly LinkName[] = [];
  #before: Snapshot = new Map();
  #probe: ProbeLater | undefined;
  inForce = false;

  constructor(run: Run, start: StillStart) {
    this.#run = run;
    this.#start = start;
    this.#value = { kind: start.kind, drop: start.drop };
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind: name, order, drop } = this.#start;
    const kind = PARTITION_KINDS[name];
    if (kind === undefined) return this.#value;
    const aim = kind.atLeader === true ? await aimAtLeader(this.#run, order, signal) : undefined;
    const nodes = aim?.order ?? order;
    const grudge = kind.shape(nodes);
    const faults = grudgeFaults(grudge, drop);
    this.#value = { kind: name, targets: kind.targets(nodes), grudge: grudgeRecord(grudge), drop, ...(aim === undefined ? {} : { leader: aim.leader }), ...(aim?.note === undefined ? {} : { note: aim.note }) };
    this.#links = faults.map(({ from, to }) => ({ from, to }));
    this.inForce = true;
    this.#value = { ...this.#value, ...(await this.#apply(faults)) };
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const probes = await this.#probe?.();
    const during = changes(this.#links, this.#before, await snapshot(this.#run));
    await this.#run.cluster.net.clear(OWNER);
    this.inForce = false;
    return { ...this.#value, effect: effectOf(during, probes, this.#start.drop), healed: await seenPassing(this.#run, this.#links, signal) };
  }

  async #apply(faults: readonly LinkFault[]): Promise<{ readonly by: string; readonly interval: readonly [number, number] }> {
    const { net } = this.#run.cluster;
    const before = await snapshot(this.#run);
    const applied = await net.apply(OWNER, faults);
    this.#before = before;
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
