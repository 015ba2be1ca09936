import { Random } from '../random/random.js';
import { nemeses as allNemeses } from '../registry.js';
import type { Nemesis } from '../runner/nemesis.js';
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

/** A nemesis takes part in a run with this probability, if nobody says which do. */
const SHARE = 0.4;

/**
 * Expands the seed of a plan in virtual time into a full configuration (swarm testing, Groce et al., ISSTA 2012): the world, which nemeses take part, at what pace and with which kinds of
 * fault, how many nodes, how long, and options of the system. What was pinned stays as it is. Every draw has a stream of its own, so that pinning one changes no other.
 */
export function swarm(plan: StoredPlan, parts: TestParts, pinned: Pinned): StoredPlan {
  const random = Random.fromSeed(plan.seed).fork('swarm');
  const nodes = pinned.nodes ? plan.nodes : random.fork('nodes').pick([3, 3, 5, 5, 5]);
  const perNode = plan.concurrency / plan.nodes;
  const names = pinned.nemeses ? plan.nemeses : drawNemeses(plan.nemeses, random.fork('nemeses'));
  const drawn = parts.system.simulate?.draw?.(random.fork('options'), nodes) ?? {};
  const free = Object.fromEntries(Object.entries(drawn).filter(([name]) => !pinned.options.includes(name)));
  return {
    ...plan,
    nodes,
    concurrency: Number.isInteger(perNode) ? perNode * nodes : plan.concurrency,
    nemeses: [...names],
    timeMs: pinned.time ? plan.timeMs : random.fork('time').pick([4000, 8000, 8000, 15_000]),
    rate: pinned.rate ? plan.rate : random.fork('rate').pick([50, 100, 100, 200]),
    systemOptions: { ...free, ...plan.systemOptions },
    world: parts.provider.virtual?.draw(random.fork('world')),
    paces: Object.fromEntries(names.flatMap((name) => (Object.hasOwn(allNemeses, name) ? [[name, drawPace(allNemeses[name] as Nemesis, random.fork(`pace ${name}`))]] : []))),
    core: random.fork('core').float() < 0.7,
  };
}

/** Some of them, but at least one. */
function drawNemeses(names: readonly string[], random: Random): readonly string[] {
  const some = names.filter(() => random.float() < SHARE);
  return some.length > 0 || names.length === 0 ? some : [random.pick(names)];
}

/** Quick and short, or slow and long, and often with some kinds only. */
function drawPace({ kinds }: Nemesis, random: Random): StoredPace {
  const all = Object.keys(kinds);
  const some = all.filter(() => random.float() < 0.5);
  return {
    quiet: random.pick([0.15, 0.4, 1, 1]),
    length: random.pick([0.15, 0.5, 1, 1, 2]),
    ...(random.float() < 0.5 || some.length === 0 ? {} : { kinds: some }),
  };
}
