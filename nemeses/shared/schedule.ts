import { NS_PER_MS, type FaultEnd, type Generator, type GeneratorContext, type Next, type Op, type Random, type Run } from '../../src/index.js';

/** How a nemesis keeps time, milliseconds. */
export interface Pace {
  /** The first fault starts within [min, max] of the load phase. */
  readonly first: readonly [number, number];
  /** Mean of the exponential gap between the end of a fault and the next start, and its bounds. */
  readonly gapMean: number;
  readonly gap: readonly [number, number];
  /** A fault lasts so long, uniform in [min, max], from the moment it is in force. */
  readonly length: readonly [number, number];
  /** No fault starts later than this. */
  readonly lastStart: number;
  /** The kinds of fault to keep to; all, if left out. */
  readonly kinds?: readonly string[];
}

/** A load phase of this length or more has the full pace; shorter ones a quicker one. */
const FULL_PACE_MS = 30_000;
/** Faults shorter than an election are hardly noticed: the pace is never quickened beyond this. */
const QUICKEST = 0.4;
/** A fault needs so long to bite before the load ends. */
const BITE_MS = 600;

/**
 * The pace of a nemesis for a load phase of `timeMs`: in 30 s a nemesis makes about seven faults of one to three
 * seconds and leaves about as much quiet between them; in 10 s still about five. Where several nemeses of a run do the same sort of harm each leaves more quiet, or
 * there would be no service left to test.
 */
export function paceFor({ timeMs, nemeses, paces }: Pick<Run, 'timeMs' | 'nemeses' | 'paces'>, nemesis: string): Pace {
  const scale = Math.min(1, Math.max(QUICKEST, timeMs / FULL_PACE_MS));
  const first = Math.min(timeMs, FULL_PACE_MS);
  const crowd = crowdOf(nemeses, nemesis);
  const { quiet, length, kinds } = paces?.[nemesis] ?? { quiet: 1, length: 1 };
  return {
    first: [0.03 * first, Math.min(0.45, 0.15 * crowd) * first],
    gapMean: 2000 * scale * crowd * quiet,
    gap: [500 * scale * Math.min(1, quiet), 5000 * scale * crowd * quiet],
    length: [1200 * scale * length, 3200 * scale * length],
    lastStart: Math.max(0.15 * timeMs, timeMs - BITE_MS),
    ...(kinds === undefined ? {} : { kinds }),
  };
}

/** Nemeses that do the same sort of harm: to the programs, or to the links. */
const FAMILIES = [
  ['kill', 'pause', 'terminate', 'memory', 'power', 'disk', 'members'],
  ['partition', 'slow', 'packet'],
];
/** So many of a family at a time are borne at their own pace. */
const BORNE = 1.2;

/** By how much the quiet between two faults of a nemesis is longer because of others of its family. */
function crowdOf(nemeses: readonly string[], nemesis: string): number {
  const family = FAMILIES.find((names) => names.includes(nemesis)) ?? [nemesis];
  return Math.max(1, nemeses.filter((name) => family.includes(name)).length / BORNE);
}

/** A kind of fault as the schedule sees it. */
export interface ScheduledKind {
  readonly name: string;
  /** Multiplies the length of the fault: less than 1 for those that leave nothing to watch. */
  readonly lengthFactor?: number;
}

export interface FaultSchedule {
  readonly random: Random;
  readonly pace: Pace;
  /** In a new random order each round, so that a run sees every kind before it sees one again. None: no faults. */
  readonly kinds: readonly ScheduledKind[];
  /** What is to be decided of a fault beforehand: the value of its `start`. */
  readonly choose: (kind: string, random: Random) => unknown;
}

/** Alternating `start` and `stop`. Every choice is a function of the seed and of the fault's number; only the moments depend on how long the operations take, and on whether the faults bite: after one that had no effect the next comes soon. */
export function faultSchedule(schedule: FaultSchedule): Generator {
  const wanted = schedule.pace.kinds;
  const kinds = wanted === undefined ? schedule.kinds : schedule.kinds.filter(({ name }) => wanted.includes(name));
  return new Scheduled({ ...schedule, kinds }, { fault: 0, inForce: false });
}

interface Position {
  /** Number of the fault, from 0. */
  readonly fault: number;
  readonly inForce: boolean;
  /** When the schedule was first asked; nanoseconds of the run's clock. */
  readonly beganNs?: number;
  /** When the next operation is due; undefined until the one before is over. */
  readonly dueNs?: number;
  /** Whether the latest fault had no effect that was seen. */
  readonly vain?: boolean;
}

class Scheduled implements Generator {
  constructor(
    private readonly schedule: FaultSchedule,
    private readonly position: Position,
  ) {}

  next(context: GeneratorContext): Next {
    if (this.schedule.kinds.length === 0) return { kind: 'done' };
    if (context.free.length === 0) return { kind: 'pending', rest: this };
    const { fault, inForce } = this.position;
    const beganNs = this.position.beganNs ?? context.time;
    const dueNs = this.position.dueNs ?? context.time + this.#pauseMs() * NS_PER_MS;
    if (!inForce && dueNs > beganNs + this.schedule.pace.lastStart * NS_PER_MS) return { kind: 'done' };
    if (dueNs > context.time) return { kind: 'pending', until: dueNs, rest: new Scheduled(this.schedule, { fault, inForce, beganNs, dueNs }) };
    if (inForce) return { kind: 'op', op: { f: 'stop', value: null }, rest: new Scheduled(this.schedule, { fault: fault + 1, inForce: false, beganNs }) };
    const value = this.schedule.choose(this.#kind().name, this.#random('value'));
    return { kind: 'op', op: { f: 'start', value }, rest: new Scheduled(this.schedule, { fault, inForce: true, beganNs }) };
  }

  update(context: GeneratorContext, { process, type, f, value }: Op): Generator {
    if (type === 'invoke' || f !== 'stop' || !context.threads.includes(context.threadOf(process) ?? '')) return this;
    const vain = (value as Partial<FaultEnd> | null)?.effect?.observed === false;
    return vain === (this.position.vain ?? false) ? this : new Scheduled(this.schedule, { ...this.position, vain });
  }

  /** From the end of the operation before to the next one. */
  #pauseMs(): number {
    const { pace } = this.schedule;
    if (this.position.inForce) return uniform(this.#random('length'), pace.length) * (this.#kind().lengthFactor ?? 1);
    if (this.position.fault === 0) return uniform(this.#random('gap'), pace.first);
    if (this.position.vain === true) return pace.gap[0];
    return Math.min(pace.gap[1], Math.max(pace.gap[0], this.#random('gap').exponential(pace.gapMean)));
  }

  #kind(): ScheduledKind {
    const { kinds, random } = this.schedule;
    const round = Math.floor(this.position.fault / kinds.length);
    const order = random.fork(`round ${round}`).shuffle(kinds);
    return order[this.position.fault % kinds.length] ?? { name: '' };
  }

  #random(what: string): Random {
    return this.schedule.random.fork(`${what} ${this.position.fault}`);
  }
}

function uniform(random: Random, [min, max]: readonly [number, number]): number {
  return min + random.float() * (max - min);
}
