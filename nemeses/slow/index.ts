import { z } from 'zod';
import type { FaultEnd, FaultValue, LinkFault, LinkName, Nemesis, Random, Run } from '../../src/index.js';
import { aimAtLeader, aimFields, drawAim, nodeNames, parseStart } from '../shared/aim.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { changes, snapshot, watchFlow, type Snapshot } from '../shared/traffic.js';
import { SLOW_KINDS } from './kinds.js';

const OWNER = 'nemesis/slow';

/** Milliseconds: from a neighbouring data centre to another continent. */
const DELAYS = [20, 50, 100, 200] as const;
/** Jitter as a part of the delay. */
const JITTERS = [0, 0.5, 1] as const;
/** Bytes a second: too little for a leader's messages, just enough, and almost enough for everything. */
const BANDWIDTHS = [2048, 8192, 24_576] as const;

const slowness = { delayMs: z.number().nonnegative(), jitterMs: z.number().nonnegative(), bytesPerSecond: z.number().positive() };
const startSchema = z.object({ ...aimFields, ...slowness }).partial({ delayMs: true, jitterMs: true, bytesPerSecond: true });
type Start = z.infer<typeof startSchema>;

/** Slows links between nodes: delay with jitter, or little bandwidth. Nothing is lost and nothing overtakes. */
export const slowNemesis: Nemesis = {
  name: 'slow',
  description: 'Slows links between nodes: delay with jitter, or little bandwidth.',
  needs: ['link-delay'],
  kinds: Object.fromEntries(Object.entries(SLOW_KINDS).map(([name, kind]) => [name, kind.description])),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run.timeMs),
          kinds: nodeNames(run).length < 2 ? [] : Object.keys(SLOW_KINDS).map((name) => ({ name })),
          choose: (kind, random): Start => ({ ...drawAim(run, kind, random), ...drawSlowness(kind, random) }),
        }),
      prepare: async (value) => new Slowness(run, parseStart(run, 'slow', SLOW_KINDS, startSchema, value)),
    }),
};

function drawSlowness(kind: string, random: Random): Omit<LinkFault, 'from' | 'to'> {
  if (SLOW_KINDS[kind]?.sort === 'bandwidth') return { bytesPerSecond: random.pick(BANDWIDTHS) };
  const delayMs = random.pick(DELAYS);
  return { delayMs, jitterMs: delayMs * random.pick(JITTERS) };
}

class Slowness implements Fault {
  readonly #run: Run;
  readonly #start: Start;
  #value: FaultValue;
  #links: readonly LinkName[] = [];
  #before: Snapshot = new Map();
  inForce = false;

  constructor(run: Run, start: Start) {
    this.#run = run;
    this.#start = start;
    this.#value = { kind: start.kind };
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind: name, order, delayMs, jitterMs, bytesPerSecond } = this.#start;
    const kind = SLOW_KINDS[name];
    if (kind === undefined) return this.#value;
    const aim = kind.atLeader === true ? await aimAtLeader(this.#run, order, signal) : undefined;
    const nodes = aim?.order ?? order;
    const slowness = { ...(delayMs === undefined ? {} : { delayMs }), ...(jitterMs === undefined ? {} : { jitterMs }), ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) };
    this.#links = kind.links(nodes);
    this.#value = {
      kind: name,
      targets: kind.targets(nodes),
      links: this.#links.map(({ from, to }) => [from, to]),
      ...slowness,
      ...(aim === undefined ? {} : { leader: aim.leader }),
      ...(aim?.note === undefined ? {} : { note: aim.note }),
    };
    this.inForce = true;
    await this.#run.cluster.net.apply(OWNER, this.#links.map((link) => ({ ...link, ...slowness })));
    this.#before = await snapshot(this.#run);
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const atEnd = await snapshot(this.#run);
    await this.#run.cluster.net.clear(OWNER);
    this.inForce = false;
    const slowed = changes(this.#links, this.#before, atEnd).filter((change) => change.delayedChunks > 0);
    const chunks = slowed.reduce((sum, change) => sum + change.delayedChunks, 0);
    if (chunks === 0) {
      const effect = { observed: false, evidence: `no chunk had to wait on the ${this.#links.length} slow links` };
      return { ...this.#value, effect, healed: { observed: true, evidence: 'all links are quick again; none had slowed anything' } };
    }
    const effect = { observed: true, evidence: `${chunks} chunks delayed on ${slowed.length} of ${this.#links.length} slow links` };
    return { ...this.#value, effect, healed: await watchFlow(this.#run, slowed, atEnd, signal) };
  }
}
