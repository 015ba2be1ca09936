import { z } from 'zod';
import { grudgeFaults, grudgeRecord, type FaultEnd, type FaultValue, type LinkName, type Nemesis, type Run } from '../../src/index.js';
import { aimAtLeader, aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { changes, snapshot, watchFlow, type LinkChange, type Snapshot } from '../shared/traffic.js';
import { PARTITION_KINDS } from './kinds.js';

const OWNER = 'nemesis/partition';
/** Of ten partitions so many stall their links rather than reset them: a cut that nobody notices is the harder one. */
const STALLS_OF_TEN = 6;

const startSchema = z.object({ ...aimFields, drop: z.enum(['stall', 'reset']) });
type Start = z.infer<typeof startSchema>;

/** Cuts links between nodes, in both directions or one; clients still reach every node. */
export const partitionNemesis: Nemesis = {
  name: 'partition',
  description: 'Cuts links between nodes: messages wait (stall), or connections break and are refused (reset).',
  needs: ['links'],
  kinds: Object.fromEntries(Object.entries(PARTITION_KINDS).map(([name, kind]) => [name, kind.description])),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run.timeMs),
          kinds: Object.entries(PARTITION_KINDS).flatMap(([name, kind]) => (kind.minNodes > nodeNames(run).length ? [] : [{ name }])),
          choose: (kind, random): Start => ({ ...drawAim(run, kind, random), drop: random.int(10) < STALLS_OF_TEN ? 'stall' : 'reset' }),
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
  inForce = false;

  constructor(run: Run, start: Start) {
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
    await this.#run.cluster.net.apply(OWNER, faults);
    this.#before = await snapshot(this.#run);
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const atEnd = await snapshot(this.#run);
    await this.#run.cluster.net.clear(OWNER);
    this.inForce = false;
    const during = changes(this.#links, this.#before, atEnd);
    const bitten = during.filter((change) => change.stalledChunks + change.resets > 0);
    const effect = effectOf(during, bitten.length, this.#start.drop);
    if (bitten.length === 0) return { ...this.#value, effect, healed: { observed: true, evidence: 'all links are whole again; none had held anything' } };
    return { ...this.#value, effect, healed: await watchFlow(this.#run, bitten, atEnd, signal) };
  }
}

/** A partition bit if something wanted to pass and nothing did. */
function effectOf(during: readonly LinkChange[], bitten: number, drop: 'stall' | 'reset'): FaultEnd['effect'] {
  const sum = (counter: (change: LinkChange) => number): number => during.reduce((total, change) => total + counter(change), 0);
  const leaked = sum((change) => change.deliveredBytes);
  if (leaked > 0) return { observed: false, evidence: `${leaked} bytes passed links that were cut` };
  if (bitten === 0) return { observed: false, evidence: `nothing wanted to pass the ${during.length} cut links` };
  const resets = drop === 'reset' ? `, ${sum((change) => change.resets)} connections broken or refused` : '';
  return { observed: true, evidence: `${sum((change) => change.stalledChunks)} chunks held${resets} on ${bitten} of ${during.length} cut links; none passed` };
}
