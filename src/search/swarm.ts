import { Random } from '../random/random.js';
import { nemeses as allNemeses } from '../registry.js';
import type { Nemesis } from '../runner/nemesis.js';
import type { RunMatter } from '../control/machine.js';
import type { TestParts } from '../runner/test-run.js';
import type { StoredPace, StoredPlan } from '../store/schema.js';

/** What was asked for explicitly, and is not drawn. */
export interface Pinned {
  readonly nodes: boolean;
  readonly nemeses: boolean;
  readonly time: boolean;
  readonly rate: boolean;
  /** Names of options of the system. */
  readonly options: readonly string[];
}

/**
 * What a run is like. `everything`: many nemeses with many kinds of fault. `focused`: few with few kinds, but these again and again: what needs the same thing twice, or two things in a row, hardly
 * happens where everything does. The others are about one matter, with the nemeses that go with it: what goes wrong when leaders change needs many changes, and what disks lose many restarts.
 */
type Style = 'everything' | 'focused' | RunMatter;

const STYLES: readonly Style[] = ['everything', 'focused', 'focused', 'leaders', 'leaders', 'leaders', 'disks', 'disks', 'time', 'time', 'members'];

/** The first is always there; of the others some. */
const MATTERS: Readonly<Record<RunMatter, readonly [string, ...string[]]>> = {
  leaders: ['partition', 'kill', 'pause', 'transfer', 'slow', 'packet', 'power', 'members'],
  disks: ['power', 'disk', 'kill', 'partition'],
  time: ['partition', 'clock', 'pause', 'slow', 'transfer', 'terminate'],
  members: ['members', 'partition', 'kill', 'pause', 'terminate'],
};

/** In a run with everything a nemesis takes part with this probability, if nobody says which do. */
const SHARE = 0.4;

/**
 * Expands the seed of a plan in virtual time into a full configuration (swarm testing, Groce et al., ISSTA 2012): the world, which nemeses take part, at what pace and with which kinds of
 * fault, how many nodes, how long, and options of the system. What was pinned stays as it is. Every draw has a stream of its own, so that pinning one changes no other.
 */
export function swarm(plan: StoredPlan, parts: TestParts, pinned: Pinned): StoredPlan {
  const random = Random.fromSeed(plan.seed).fork('swarm');
  const nodes = pinned.nodes ? plan.nodes : random.fork('nodes').pick([3, 3, 3, 5, 5]);
  const perNode = plan.concurrency / plan.nodes;
  const style = random.fork('style').pick(STYLES);
  const matter = style === 'everything' || style === 'focused' ? undefined : style;
  const names = pinned.nemeses ? plan.nemeses : drawNemeses(plan.nemeses, random.fork('nemeses'), style);
  const drawn = parts.system.simulate?.draw?.(random.fork('options'), { nodes, ...(matter === undefined ? {} : { matter }) }) ?? {};
  const free = Object.fromEntries(Object.entries(drawn).filter(([name]) => !pinned.options.includes(name)));
  return {
    ...plan,
    nodes,
    concurrency: Number.isInteger(perNode) ? perNode * nodes : plan.concurrency,
    nemeses: [...names],
    timeMs: pinned.time ? plan.timeMs : random.fork('time').pick([3000, 5000, 8000]),
    rate: pinned.rate ? plan.rate : random.fork('rate').pick(matter === 'leaders' ? [15, 25, 50] : [25, 25, 50, 100, 200]),
    systemOptions: { ...free, ...plan.systemOptions },
    world: parts.provider.virtual?.draw(random.fork('world')),
    paces: Object.fromEntries(names.flatMap((name) => (Object.hasOwn(allNemeses, name) ? [[name, drawPace(allNemeses[name] as Nemesis, random.fork(`pace ${name}`), style, parts)]] : []))),
    core: random.fork('core').float() < 0.7,
  };
}

/** What a focused run takes more often than the rest: most failures of distributed systems need a partition or a crash (Alquraan et al., OSDI 2018; Yuan et al., OSDI 2014); and cuts that change by themselves show more in a run than those that stand. */
const WEIGHTS: Readonly<Record<string, number>> = { partition: 10, kill: 5, pause: 4, power: 4, disk: 5, members: 4, slow: 2, packet: 2, terminate: 2, memory: 2, clock: 2, transfer: 2, moving: 5, 'leader-after-leader': 5 };

/** So many of these, those with more weight more often. */
function drawFew(names: readonly string[], count: number, random: Random): readonly string[] {
  const left = [...names];
  const few: string[] = [];
  while (few.length < count && left.length > 0) {
    const lots = left.flatMap((name) => Array.from({ length: WEIGHTS[name] ?? 1 }, () => name));
    const name = random.pick(lots);
    few.push(name);
    left.splice(left.indexOf(name), 1);
  }
  return names.filter((name) => few.includes(name));
}

/** Some of them, but at least one: any, or up to three. */
function drawNemeses(names: readonly string[], random: Random, style: Style): readonly string[] {
  const some = names.filter(() => random.float() < SHARE);
  if (style === 'everything') return some.length > 0 || names.length === 0 ? some : [random.pick(names)];
  const [main, ...others] = style === 'focused' ? names : MATTERS[style].filter((name) => names.includes(name));
  if (style === 'focused' || main !== MATTERS[style][0]) return drawFew(names, random.pick([1, 1, 2, 2, 3]), random);
  const few = [main, ...random.shuffle(others).slice(0, random.pick([0, 1, 1, 2]))];
  return names.filter((name) => few.includes(name));
}

/** Quick and short, or slow and long, and often with some kinds only. */
function drawPace({ name, kinds }: Nemesis, random: Random, style: Style, { system }: TestParts): StoredPace {
  const all = Object.keys(kinds);
  const few = drawFew(all, random.pick([1, 1, 1, 2, 3]), random);
  const some = all.filter(() => random.float() < 0.5);
  const aimed = random.pick([0, 0.5, 0.9]);
  if ((style === 'leaders' || style === 'time') && name === 'partition') {
    const kind = system.primaries === undefined || random.float() < 0.25 ? 'moving' : 'leader-after-leader';
    return { quiet: random.pick([0.05, 0.2]), length: random.pick([0.5, 1.5]), kinds: [kind], aimed: Math.max(0, aimed - 0.5) };
  }
  const kept = style !== 'everything' && style !== 'disks' ? few : random.float() < 0.5 || some.length === 0 ? undefined : some;
  return {
    quiet: random.pick(style === 'everything' ? [0.1, 0.4, 1] : [0.05, 0.1, 0.3]),
    length: random.pick(style === 'everything' ? [0.15, 0.5, 1, 2] : [0.1, 0.25, 0.6, 1.5]),
    ...(kept === undefined ? {} : { kinds: [...kept] }),
    aimed,
  };
}
