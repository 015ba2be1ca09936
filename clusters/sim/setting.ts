import { z } from 'zod';
import type { Random } from '../../src/index.js';

const range = z.tuple([z.number().nonnegative(), z.number().nonnegative()]);

/** How messages between nodes travel. All orders but `fifo` let a message outlive the life of the program that it was sent to. */
export const ORDERS = {
  fifo: 'as on TCP connections: the messages of a link keep their order, and a connection ends with either program',
  uniform: 'every message has a delay of its own: any may overtake any',
  stragglers: 'most messages are quick, and a few of all sorts come very late, when what they speak of is long past',
  priorities: 'every link has a speed of its own, quick or very slow, which changes a few times: as with priorities of a scheduler (after PCT, Burckhardt et al., ASPLOS 2010)',
  rounds: 'messages arrive together at the end of a round, or a whole link loses its round: communication-closed rounds (after Drăgoi et al., OOPSLA 2020)',
  sorts: 'every sort of message on every link fares in its own way, which changes now and then: as usual, very slowly, mostly lost, or twice, the second time perhaps long after',
} as const;

/** What a simulated world is like, as it stands in the plan: all of it is chosen from the seed, and nothing else is. Times in milliseconds, rates from 0 to 1. */
export const simSettingSchema = z.strictObject({
  network: z.strictObject({
    order: z.enum(Object.keys(ORDERS) as [keyof typeof ORDERS, ...(keyof typeof ORDERS)[]]).default('fifo'),
    /** Of a message between nodes, uniform between the two; with `priorities` the speeds of the links lie between them, evenly by their logarithms, with `sorts` those of sorts of messages. */
    delayMs: range.default([0.2, 2]),
    /** Of messages that are lost, or arrive twice, besides what nemeses do; with `rounds` of links that lose a round, with `sorts` of the sorts that fare so. */
    lossRate: z.number().min(0).max(1).default(0),
    duplicateRate: z.number().min(0).max(1).default(0),
    /** With `priorities` and `sorts`: how often the speeds change, per simulated second. With `rounds`: the length of a round. */
    changesPerSecond: z.number().nonnegative().default(0.3),
    roundMs: z.number().positive().default(10),
    /** With `stragglers`: the part of the messages that come late, at any time up to the longest delay. */
    lateRate: z.number().min(0).max(1).default(0.1),
    /** The links that fare so, as `n1>n2`, and the time in which they do, milliseconds; otherwise messages are quick, keep their order and none is lost. All, and always, if left out. */
    troubled: z.array(z.string()).exactOptional(),
    troubledMs: range.exactOptional(),
    /** Between clients and nodes, each way. */
    clientMs: range.default([0.1, 0.6]),
    /** Where the draws of the network begin: another one is another fate of every message. */
    seed: z.int().default(0),
  }).prefault({}),
  disk: z.strictObject({
    /** Of a write into the page cache, of an fsync, and of a rename; short ones are likelier. */
    writeMs: range.default([0.01, 0.2]),
    syncMs: range.default([0.2, 6]),
    nameMs: range.default([0.01, 1]),
    /** At a power cut: how often a write that was not durable is torn, how often it leaves its length and zeros, how often what was overwritten had reached the platter by itself. */
    torn: z.number().min(0).max(1).default(0.4),
    zeros: z.number().min(0).max(1).default(0.05),
    writeBack: z.number().min(0).max(1).default(0.1),
  }).prefault({}),
  clocks: z.strictObject({
    /** How much of the error that the system allows the rates of the clocks have, 0 to 1. */
    drift: z.number().min(0).max(1).default(0),
  }).prefault({}),
  /** From the start of a program to its first instruction. */
  startMs: range.default([5, 40]),
});

export type SimSetting = z.infer<typeof simSettingSchema>;

/** A quiet world: messages in order, quick and safe, clocks that agree. */
export const CALM: SimSetting = simSettingSchema.parse({});

/** Draws a world: swarm testing (Groce et al., ISSTA 2012), where each run has some of the troubles, and some of them much. */
export function drawSetting(random: Random): SimSetting {
  const order = random.pick(['fifo', 'fifo', 'uniform', 'stragglers', 'stragglers', 'stragglers', 'priorities', 'rounds', 'sorts', 'sorts'] as const);
  return { network: drawNetwork(order, random.fork('network')), disk: drawDisk(random.fork('disk')), clocks: { drift: random.fork('clocks').float() < 0.6 ? 1 : 0 }, startMs: [5, random.fork('start').pick([20, 40, 150])] };
}

function drawNetwork(order: SimSetting['network']['order'], random: Random): SimSetting['network'] {
  const clientMs: [number, number] = [0.1, random.pick([0.3, 0.6, 3])];
  const seed = random.int(2 ** 31);
  const quiet = { ...CALM.network, order, clientMs, seed };
  const duplicateRate = random.pick([0, 0, 0.02, 0.2]);
  const lossRate = random.pick([0, 0, 0.005, 0.03]);
  switch (order) {
    case 'fifo':
      return { ...quiet, delayMs: random.pick([[0.2, 2], [0.2, 1], [1, 5], [0.1, 10], [5, 15]] as const).slice() as [number, number], lossRate: random.float() < 0.75 ? 0 : lossRate };
    case 'uniform':
      return { ...quiet, delayMs: [0.1, random.pick([4, 15, 40, 80])], lossRate, duplicateRate };
    case 'stragglers':
      return { ...quiet, delayMs: [0.2, random.pick([100, 400, 1500])], lateRate: random.pick([0.05, 0.2, 0.4]), lossRate, duplicateRate };
    case 'priorities':
      return { ...quiet, delayMs: [0.2, random.pick([20, 60, 150])], changesPerSecond: random.pick([0.2, 0.5, 1]), lossRate: lossRate / 2, duplicateRate };
    case 'sorts':
      return { ...quiet, delayMs: [0.3, random.pick([100, 400, 1500, 4000])], changesPerSecond: random.pick([0.2, 0.7, 2]), lossRate: random.pick([0.3, 0.8]), duplicateRate: random.pick([0, 0.3, 0.8]) };
    case 'rounds':
      return { ...quiet, roundMs: random.pick([4, 10, 20]), lossRate: random.pick([0.02, 0.1, 0.2]), duplicateRate };
  }
}

function drawDisk(random: Random): SimSetting['disk'] {
  return { ...CALM.disk, syncMs: random.pick([[0.2, 6], [0.1, 2], [1, 25], [0.1, 80]] as const).slice() as [number, number], torn: random.pick([0.2, 0.5, 0.9]), zeros: random.pick([0, 0.05, 0.3]) };
}

/** The same world with other draws of the network. */
export function reseed(setting: unknown, random: Random): SimSetting {
  const world = simSettingSchema.parse(setting ?? {});
  return { ...world, network: { ...world.network, seed: random.int(2 ** 31) } };
}

/** A world in which every message takes a millisecond, and every fsync two. */
const STILL: SimSetting = { ...CALM, network: { ...CALM.network, delayMs: [1, 1], clientMs: [0.5, 0.5] }, disk: { ...CALM.disk, writeMs: [0.1, 0.1], syncMs: [2, 2], nameMs: [0.1, 0.1] }, startMs: [10, 10] };

/** Quiet worlds, and steps towards one: for making failures small. */
export function calmer(setting: unknown): { readonly whole: readonly SimSetting[]; readonly single: readonly ((setting: unknown) => SimSetting)[] } {
  const { seed } = simSettingSchema.parse(setting ?? {}).network;
  const seeded = (world: SimSetting): SimSetting => ({ ...world, network: { ...world.network, seed } });
  const step = (change: (world: SimSetting) => SimSetting) => (world: unknown): SimSetting => change(simSettingSchema.parse(world ?? {}));
  return {
    whole: [seeded(STILL), seeded(CALM)],
    single: [
      step((world) => ({ ...world, clocks: { drift: 0 } })),
      step((world) => ({ ...world, disk: STILL.disk, startMs: STILL.startMs })),
      step((world) => ({ ...world, network: { ...world.network, lossRate: 0 } })),
      step((world) => ({ ...world, network: { ...world.network, duplicateRate: 0 } })),
      step((world) => ({ ...world, network: { ...world.network, order: 'fifo', delayMs: STILL.network.delayMs } })),
      step((world) => ({ ...world, network: { ...world.network, delayMs: [world.network.delayMs[0], world.network.delayMs[1] / 2] } })),
    ],
  };
}

/** The links between so many nodes that have the troubles of a world. */
export function troubledLinks(setting: unknown, nodes: number): readonly string[] {
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  const all = names.flatMap((from) => names.filter((to) => to !== from).map((to) => `${from}>${to}`));
  const { troubled } = simSettingSchema.parse(setting ?? {}).network;
  return troubled === undefined ? all : all.filter((link) => troubled.includes(link));
}

/** The same world with its troubles on these links alone, or at the times alone that lie in this one as well. */
export function confine(setting: unknown, { links, timeMs }: { readonly links?: readonly string[]; readonly timeMs?: readonly [number, number] }): SimSetting {
  const world = simSettingSchema.parse(setting ?? {});
  const { troubledMs: [from, to] = [0, Infinity] } = world.network;
  return { ...world, network: { ...world.network, ...(links === undefined ? {} : { troubled: [...links] }), ...(timeMs === undefined ? {} : { troubledMs: [Math.max(from, timeMs[0]), Math.max(from, Math.min(to, timeMs[1]))] }) } };
}
