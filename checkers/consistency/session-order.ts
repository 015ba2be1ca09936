import { Digraph } from './digraph.js';
import type { Guarantee } from './levels.js';
import type { Register, Step, Steps, Version } from './steps.js';

/** Why one version must be older than another: an edge of a version order. */
export interface Reason {
  /** The session's earlier step and its later one; for a cas that is the reason by itself, both are the cas; -1 twice: the initial value is the oldest. */
  readonly earlier: number;
  readonly later: number;
}

/** Demands on the order of versions of one register. Nodes below the number of versions are versions; the others only stand for several at once. */
export interface VersionDemands {
  readonly graph: Digraph;
  /** For a path of edges from one version to the next: its reason. */
  readonly reasonOf: (path: readonly number[]) => Reason;
}

/** One session's steps on one register, in the order in which each came to know what it did. */
type Session = readonly number[];

/**
 * What a session guarantee demands of the order of a register's versions, besides that the initial one is the oldest and that a cas makes a younger
 * one of an older. The guarantee holds exactly if some order of all versions meets the demands, so exactly if they have no cycle.
 * Demands that are many to one (all own writes before a read, all reads before a write) go through nodes that stand for ranges, so that
 * there are O(n log n) of them.
 */
export function demandsOf(guarantee: Guarantee, history: Steps, register: Register): VersionDemands {
  const { steps, versions } = history;
  const local = new Map(register.versions.map((id, i) => [id, i]));
  const graph = new Digraph(register.versions.length);
  const node = (version: number): number => local.get(version) as number;
  const demand: Demand = { graph, steps, node };
  register.versions.forEach((id, i) => {
    if (i > 0) graph.edge(0, i, -1);
    for (const cas of (versions[id] as Version).consumers) graph.edge(i, node((steps[cas] as Step).makes), cas);
  });
  for (const session of sessionsOf(history, register)) DEMANDS[guarantee](demand, session);
  return { graph, reasonOf: (path) => ({ earlier: graph.label(path[0] as number), later: graph.label(path.at(-1) as number) }) };
}

interface Demand {
  readonly graph: Digraph;
  readonly steps: readonly Step[];
  readonly node: (version: number) => number;
}

/** Steps of a session in order; the indeterminate come where they were invoked, as later steps need not follow them. */
function sessionsOf({ steps }: Steps, register: Register): readonly Session[] {
  const sessions = new Map<number, number[]>();
  for (const id of register.steps) {
    const { session } = steps[id] as Step;
    const list = sessions.get(session);
    if (list === undefined) sessions.set(session, [id]);
    else list.push(id);
  }
  return [...sessions.values()];
}

const DEMANDS: Readonly<Record<Guarantee, (demand: Demand, session: Session) => void>> = {
  'read-your-writes': readYourWrites,
  'monotonic-reads': (demand, session) => chain(demand, session, ({ needs }) => needs),
  'monotonic-writes': (demand, session) => chain(demand, session, ({ makes }) => makes),
  'writes-follow-reads': writesFollowReads,
};

/** Own write w, then a read of v other than w: w before v. Which of the earlier writes were already demanded for v is kept, so that each is demanded once. */
function readYourWrites({ graph, steps, node }: Demand, session: Session): void {
  const own = session.filter((id) => (steps[id] as Step).certain && (steps[id] as Step).makes >= 0);
  const place = new Map(own.map((id, i) => [(steps[id] as Step).makes, i]));
  const ranges = new Ranges(graph, own.map((id) => ({ node: node((steps[id] as Step).makes), label: id })));
  const demanded = new Map<number, number>();
  let written = 0;
  for (const id of session) {
    const { needs, makes, certain } = steps[id] as Step;
    if (needs >= 0) {
      const from = demanded.get(needs) ?? 0;
      const self = place.get(needs) ?? written;
      ranges.before(from, Math.min(self, written), node(needs), id);
      ranges.before(Math.max(from, self + 1), written, node(needs), id);
      demanded.set(needs, written);
    }
    if (makes >= 0 && certain) written++;
  }
}

/** Neighbours suffice: the demand is transitive. */
function chain({ graph, steps, node }: Demand, session: Session, versionOf: (step: Step) => number): void {
  let last = -1;
  for (const id of session) {
    const step = steps[id] as Step;
    const version = versionOf(step);
    if (version < 0) continue;
    const earlier = last < 0 ? -1 : versionOf(steps[last] as Step);
    if (last >= 0 && earlier !== version) through(graph, node(earlier), last, node(version), id);
    if (step.certain) last = id;
  }
}

/** Every version read before goes into a chain of nodes, and from there to the version written. */
function writesFollowReads({ graph, steps, node }: Demand, session: Session): void {
  let before = -1;
  for (const id of session) {
    const { needs, makes, certain } = steps[id] as Step;
    if (makes >= 0 && before >= 0) graph.edge(before, node(makes), id);
    if (needs < 0 || !certain) continue;
    const next = graph.node();
    if (before >= 0) graph.edge(before, next, id);
    graph.edge(node(needs), next, id);
    before = next;
  }
}

/** Two edges with a node between, so that the first carries the earlier step as its label and the second the later one. */
function through(graph: Digraph, from: number, earlier: number, to: number, later: number): void {
  const between = graph.node();
  graph.edge(from, between, earlier);
  graph.edge(between, to, later);
}

/** A segment tree over nodes of a graph: its inner nodes stand for ranges. */
class Ranges {
  readonly #graph: Digraph;
  readonly #size: number;
  readonly #leaves: readonly { readonly node: number; readonly label: number }[];
  readonly #inner = new Map<number, number>();

  constructor(graph: Digraph, leaves: readonly { readonly node: number; readonly label: number }[]) {
    this.#graph = graph;
    this.#leaves = leaves;
    this.#size = leaves.length;
  }

  /** Demands that the leaves from..to-1 come before a node. */
  before(from: number, to: number, node: number, label: number): void {
    for (let [low, high] = [from + this.#size, to + this.#size]; low < high; low >>= 1, high >>= 1) {
      if (low & 1) this.#graph.edge(this.#node(low++), node, label);
      if (high & 1) this.#graph.edge(this.#node(--high), node, label);
    }
  }

  /** Positions from `size` are leaves; position p has the children 2p and 2p+1. A leaf stands behind a node of its own, whose edge carries its label. */
  #node(position: number): number {
    const known = this.#inner.get(position);
    if (known !== undefined) return known;
    const made = this.#graph.node();
    this.#inner.set(position, made);
    const leaf = this.#leaves[position - this.#size];
    if (leaf !== undefined) this.#graph.edge(leaf.node, made, leaf.label);
    else for (const child of [2 * position, 2 * position + 1]) this.#graph.edge(this.#node(child), made, -1);
    return made;
  }
}
