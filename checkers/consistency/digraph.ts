/** Edge visits spent on making a cycle short. */
const CYCLE_EFFORT = 400_000;
const NONE = -1;

/** A directed graph that only grows. Nodes are numbers from 0; an edge has a label, which is a number that its maker gives a meaning. */
export class Digraph {
  #nodes = 0;
  #edges = 0;
  #from = new Int32Array(256);
  #to = new Int32Array(256);
  #label = new Int32Array(256);
  #out: Adjacency | undefined;

  constructor(nodes = 0) {
    this.#nodes = nodes;
  }

  get nodes(): number {
    return this.#nodes;
  }

  get edges(): number {
    return this.#edges;
  }

  node(): number {
    return this.#nodes++;
  }

  edge(from: number, to: number, label: number): void {
    if (this.#edges === this.#from.length) {
      this.#from = doubled(this.#from);
      this.#to = doubled(this.#to);
      this.#label = doubled(this.#label);
    }
    this.#from[this.#edges] = from;
    this.#to[this.#edges] = to;
    this.#label[this.#edges++] = label;
    this.#out = undefined;
  }

  from(edge: number): number {
    return this.#from[edge] as number;
  }

  to(edge: number): number {
    return this.#to[edge] as number;
  }

  label(edge: number): number {
    return this.#label[edge] as number;
  }

  /** Nodes so that edges lead forward; nodes on cycles and those behind them are left out. */
  topological(): Int32Array {
    const out = this.outgoing();
    const waits = new Int32Array(this.#nodes);
    for (let e = 0; e < this.#edges; e++) waits[this.#to[e] as number]!++;
    const order = new Int32Array(this.#nodes);
    let size = 0;
    for (let node = 0; node < this.#nodes; node++) if (waits[node] === 0) order[size++] = node;
    for (let at = 0; at < size; at++) {
      const node = order[at] as number;
      for (let i = out.start[node] as number; i < (out.start[node + 1] as number); i++) {
        const next = this.#to[out.edge[i] as number] as number;
        if (--waits[next]! === 0) order[size++] = next;
      }
    }
    return order.subarray(0, size);
  }

  /** The edges of a cycle, one after the other, if there is any: a short one where that can be found with little effort. */
  cycle(): readonly number[] | undefined {
    const order = this.topological();
    if (order.length === this.#nodes) return undefined;
    const left = new Uint8Array(this.#nodes).fill(1);
    for (const node of order) left[node] = 0;
    let best = this.#someCycle(left);
    let effort = CYCLE_EFFORT;
    const seen = new Int32Array(this.#nodes).fill(NONE);
    for (const start of best.map((edge) => this.from(edge))) {
      if (effort <= 0 || best.length <= 2) break;
      const found = this.#path(start, (edge) => this.to(edge) === start, seen, best.length - 1, (edge) => left[this.to(edge)] === 1 && effort-- > 0);
      if (found !== undefined) best = found;
    }
    return best;
  }

  /** The edges of a shortest path of at least one edge, among the edges allowed. */
  path(from: number, to: number, allowed: (edge: number) => boolean): readonly number[] | undefined {
    return this.#path(from, (edge) => this.to(edge) === to, new Int32Array(this.#nodes).fill(NONE), Infinity, allowed);
  }

  /** Breadth first. `via` holds the edge by which a node was reached, and is given back as it was: all -1. */
  #path(from: number, ends: (edge: number) => boolean, via: Int32Array, longest: number, allowed: (edge: number) => boolean): readonly number[] | undefined {
    const out = this.outgoing();
    const queue = [from];
    const depth = [0];
    let found: readonly number[] | undefined;
    for (let at = 0; at < queue.length && found === undefined && (depth[at] as number) < longest; at++) {
      const node = queue[at] as number;
      for (let i = out.start[node] as number; i < (out.start[node + 1] as number); i++) {
        const edge = out.edge[i] as number;
        if (!allowed(edge)) continue;
        if (ends(edge)) {
          found = this.#back(from, edge, via);
          break;
        }
        const next = this.to(edge);
        if (next === from || via[next] !== NONE) continue;
        via[next] = edge;
        queue.push(next);
        depth.push((depth[at] as number) + 1);
      }
    }
    for (const node of queue) via[node] = NONE;
    return found;
  }

  #back(from: number, last: number, via: Int32Array): readonly number[] {
    const path = [last];
    for (let node = this.from(last); node !== from; node = this.from(path.at(-1) as number)) path.push(via[node] as number);
    return path.reverse();
  }

  /** Every node left has an edge from another one left: goes back along them until a node repeats. */
  #someCycle(left: Uint8Array): readonly number[] {
    const into = new Int32Array(this.#nodes).fill(NONE);
    for (let e = this.#edges - 1; e >= 0; e--) if (left[this.from(e)] === 1) into[this.to(e)] = e;
    const at = new Map<number, number>();
    const path: number[] = [];
    let node = left.indexOf(1);
    while (!at.has(node)) {
      at.set(node, path.length);
      const edge = into[node] as number;
      path.push(edge);
      node = this.from(edge);
    }
    return path.slice(at.get(node)).reverse();
  }

  /** The edges by the node that they leave: those of node i are `edge[start[i]]` to `edge[start[i + 1] - 1]`. */
  outgoing(): Adjacency {
    if (this.#out !== undefined) return this.#out;
    const start = new Int32Array(this.#nodes + 1);
    for (let e = 0; e < this.#edges; e++) start[this.from(e) + 1]!++;
    for (let node = 0; node < this.#nodes; node++) start[node + 1]! += start[node] as number;
    const fill = start.slice();
    const edge = new Int32Array(this.#edges);
    for (let e = 0; e < this.#edges; e++) edge[fill[this.from(e)]!++] = e;
    return (this.#out = { start, edge });
  }
}

/** See Digraph.outgoing. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly edge: Int32Array;
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const made = new Int32Array(2 * array.length);
  made.set(array);
  return made;
}
