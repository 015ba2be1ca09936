import { z } from 'zod';
import { bridge, completeGrudge, deafenFirst, grudgeFaults, halves, isolateFirst, muteFirst, splitMinority, type Grudge, type LinkFault, type LinkName, type Random, type Run } from '../../src/index.js';
import { aimAtLeader } from '../shared/aim.js';

/** What the start of a partition that changes carries besides its kind and the order of nodes; times in milliseconds. */
export const courseFields = {
  downMs: z.number().min(10).optional(),
  upMs: z.number().min(10).optional(),
  stepMs: z.number().min(10).optional(),
  /** Of one that moves: shapes, and the orders of nodes that they are made of, in turn. Of one that follows the leader the shapes count, with the leader first. */
  moves: z.array(z.object({ order: z.array(z.string()), shape: z.enum(['alone', 'deaf', 'mute', 'minority', 'halves', 'bridge']) })).optional(),
  /** Of one that swizzles: links, sender and receiver, in the order in which they stop, and in which they go on. */
  stops: z.array(z.array(z.string())).optional(),
  goesOn: z.array(z.array(z.string())).optional(),
};

export type CourseStart = z.infer<z.ZodObject<typeof courseFields>>;

/** A cut that changes by itself: what is cut first, and what comes after, again and again. */
export interface Course {
  readonly first: readonly LinkFault[];
  /** What is cut after so long; undefined: the same as before. */
  readonly steps: readonly { readonly afterMs: number; readonly cut: (signal: AbortSignal) => Promise<readonly LinkFault[] | undefined> }[];
}

/** Decides beforehand, and then sets out, how a cut changes. */
export interface CourseKind {
  readonly draw: (nodes: readonly string[], random: Random) => CourseStart;
  readonly course: (start: CourseStart, nodes: readonly string[], drop: Drop, run: Run) => Course;
}

type Drop = 'stall' | 'reset';

/** From a heartbeat to about an election. */
const STEPS_MS = [60, 120, 250, 400] as const;
const LONG_STEPS_MS = [...STEPS_MS, 800] as const;
const MOVES = 8;

type Shape = NonNullable<CourseStart['moves']>[number]['shape'];

const SHAPES: Readonly<Record<Shape, (order: readonly string[]) => Grudge>> = {
  alone: isolateFirst,
  deaf: deafenFirst,
  mute: muteFirst,
  minority: splitMinority,
  halves,
  bridge: (order) => (order.length < 3 ? completeGrudge([order]) : bridge(order)),
};

function drawMoves(nodes: readonly string[], random: Random, shapes: readonly Shape[]): NonNullable<CourseStart['moves']> {
  return Array.from({ length: MOVES }, () => ({ order: [...random.shuffle(nodes)], shape: random.pick(shapes) }));
}

/** One node is cut off, and joined again. */
export const flaps: CourseKind = {
  draw: (_, random) => ({ downMs: random.pick(STEPS_MS), upMs: random.pick(STEPS_MS) }),
  course: ({ downMs = STEPS_MS[0], upMs = STEPS_MS[0] }, nodes, drop) => {
    const first = grudgeFaults(isolateFirst(nodes), drop);
    return { first, steps: [{ afterMs: downMs, cut: async () => [] }, { afterMs: upMs, cut: async () => first }] };
  },
};

/** The cut is another one with every step, without a pause in which all are joined. */
export const moves: CourseKind = {
  draw: (nodes, random) => ({ stepMs: random.pick(LONG_STEPS_MS), moves: drawMoves(nodes, random, ['alone', 'alone', 'minority', 'deaf', 'mute', 'halves', 'bridge']) }),
  course: ({ stepMs = STEPS_MS[0], moves: all = [] }, _, drop) => {
    const [first = [], ...later] = all.map(({ order, shape }) => grudgeFaults(SHAPES[shape](order), drop));
    return { first, steps: [...later, first].map((faults) => ({ afterMs: stepMs, cut: async () => faults })) };
  },
};

/** Whoever leads is cut off, in both directions or one, and joined again when the next one is. */
export const chases: CourseKind = {
  draw: (nodes, random) => ({ stepMs: random.pick(STEPS_MS), moves: drawMoves(nodes, random, ['alone', 'alone', 'alone', 'minority', 'deaf', 'mute']) }),
  course: ({ stepMs = STEPS_MS[0], moves: all = [] }, nodes, drop, run) => {
    const [first = 'alone', ...later] = all.map(({ shape }) => shape);
    const cut = (shape: Shape) => async (signal: AbortSignal): Promise<readonly LinkFault[] | undefined> => {
      const { order, leader } = await aimAtLeader(run, nodes, signal);
      return leader === null ? undefined : grudgeFaults(SHAPES[shape](order), drop);
    };
    return { first: grudgeFaults(SHAPES[first](nodes), drop), steps: [...later, first].map((shape) => ({ afterMs: stepMs, cut: cut(shape) })) };
  },
};

/** Some links stop one after the other, and go on in another order (swizzle-clogging: Wilson, "Testing Distributed Systems with Deterministic Simulation", Strange Loop 2014). */
export const swizzles: CourseKind = {
  draw: (nodes, random) => {
    const links = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => [from, to]));
    const stops = random.shuffle(links).slice(0, 2 + random.int(links.length - 1));
    return { stepMs: random.pick([20, 60, 120]), stops, goesOn: [...random.shuffle(stops)] };
  },
  course: ({ stepMs = STEPS_MS[0], stops = [], goesOn = [] }, _, drop) => {
    const faults = (links: readonly LinkName[]): readonly LinkFault[] => links.map(({ from, to }) => ({ from, to, drop }));
    const [there, back] = [linksIn(stops), linksIn(goesOn)];
    const stopping = there.map((_link, i) => faults(there.slice(0, i + 1)));
    const going = back.map((_link, i) => faults(back.slice(i + 1)));
    return { first: stopping[0] ?? [], steps: [...stopping.slice(1), ...going, ...stopping.slice(0, 1)].map((cut) => ({ afterMs: stepMs, cut: async () => cut })) };
  },
};

function linksIn(pairs: readonly (readonly string[])[]): readonly LinkName[] {
  return pairs.flatMap(([from, to]) => (from === undefined || to === undefined ? [] : [{ from, to }]));
}
