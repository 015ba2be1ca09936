import type { Block, Blocks } from './blocks.js';
import type { Adjacency, Digraph } from './digraph.js';
import type { Step, Steps } from './steps.js';

const NONE = -1;
/** 2^32 divided by the golden ratio, odd: spreads small numbers over 32 bits. */
const DIGEST_FACTOR = 0x9e3779b1;

/**
 * An order of steps in the making. Steps are appended while the demands of a graph and the values allow it, and taken back, last first. Blocks of
 * one register are kept apart by a latch: while a block is begun and not ended no other may begin there.
 */
export class Placement {
  readonly #graph: Digraph;
  readonly #out: Adjacency;
  readonly #steps: readonly Step[];
  readonly #blocks: Blocks;
  /** By node: unplaced nodes before it. */
  readonly #waits: Int32Array;
  /** Nodes in the order in which they were placed, ends of blocks included. */
  readonly #placed: number[] = [];
  /** By step: 1 if values repeat in its register. */
  readonly #loose: Uint8Array;
  readonly #loosely: boolean;
  /** By register: the block begun and not ended. */
  readonly #latch: Int32Array;
  /** By register: its value as a version; only kept where values repeat. With what to go back to. */
  readonly #value: Int32Array;
  readonly #former: number[] = [];
  /** Nodes that nothing stands before and that need no choice. */
  #ready: number[] = [];
  /** Steps that nothing stands before and that are choices, by rank. */
  readonly #open: number[] = [];
  readonly #rank: Float64Array;
  readonly #slot: Int32Array;
  readonly #situation: Int32Array;
  /** A sum over the situation: unequal for situations that differ, most of the time. */
  digest = 0;
  /** Steps that must be placed in the end, and those of them that are. */
  readonly obligations: number;
  required = 0;
  lastRank = NONE;

  constructor(graph: Digraph, { steps, versions, registers }: Steps, blocks: Blocks) {
    this.#graph = graph;
    this.#out = graph.outgoing();
    this.#steps = steps;
    this.#blocks = blocks;
    this.#waits = new Int32Array(graph.nodes);
    for (let e = 0; e < graph.edges; e++) this.#waits[graph.to(e)]!++;
    this.#loose = Uint8Array.from(steps, ({ register }) => (registers[register]?.repeated === undefined ? 0 : 1));
    this.#loosely = this.#loose.includes(1);
    this.#latch = new Int32Array(registers.length).fill(NONE);
    this.#value = Int32Array.from(registers, ({ versions: own }) => own[0] as number);
    for (const { register, root, readers, consumers } of versions) {
      const seen = root ? (readers[0] ?? consumers[0]) : undefined;
      if (seen !== undefined && this.#loose[seen] === 0) this.#latch[register] = blocks.of[seen] as number;
    }
    this.#rank = ranks(steps, blocks, this.#loose);
    this.#slot = slots(steps);
    this.#situation = new Int32Array(maximum(this.#slot) + 1 + registers.length);
    this.obligations = steps.filter(({ required }) => required).length;
    for (let node = 0; node < graph.nodes; node++) if (this.#waits[node] === 0) this.#offer(node);
  }

  get size(): number {
    return this.#placed.length;
  }

  get complete(): boolean {
    return this.required === this.obligations;
  }

  order(): readonly number[] {
    return this.#placed.filter((node) => node < this.#steps.length);
  }

  /**
   * Places what can do no harm: a read that finds its value, a cas inside the block that is open. In any legal order that goes on from here it can be moved to
   * the front: nothing that it passes works on its register, or only reads it.
   */
  settle(): void {
    for (;;) {
      const node = this.#ready.pop();
      if (node !== undefined) this.#place(node);
      else {
        const read = this.#loosely && this.#open.find((id) => this.#loose[id] === 1 && this.#steps[id]?.role === 'read' && this.#possible(id));
        if (read === undefined || read === false) return;
        this.#close(read);
        this.#place(read);
      }
    }
  }

  /** Places the possible choice of least rank above `tried`; false if there is none. `lastRank` is then its rank. */
  choose(tried: number): boolean {
    for (let at = this.#from(tried + 0.5); at < this.#open.length; at++) {
      const id = this.#open[at] as number;
      if (!this.#possible(id)) continue;
      this.#open.splice(at, 1);
      this.#place(id);
      this.lastRank = this.#rank[id] as number;
      return true;
    }
    return false;
  }

  /** Takes back what was placed after the first `size`. */
  undo(size: number): void {
    this.#ready = [];
    while (this.#placed.length > size) this.#takeBack(this.#placed.pop() as number);
  }

  /** Equal texts exactly for situations from which the same can follow. Only between `settle` and `choose`. */
  situation(): string {
    const { length } = this.#value;
    // The value of a register whose values are unique follows from what was placed.
    this.#situation.set(this.#value, this.#situation.length - length);
    return this.#situation.join(',');
  }

  /** Steps that nothing but values stands before. */
  next(): readonly number[] {
    return this.#open.slice(0, 64);
  }

  #possible(id: number): boolean {
    const { register, needs } = this.#steps[id] as Step;
    return this.#loose[id] === 1 ? needs < 0 || needs === this.#value[register] : this.#latch[register] === NONE;
  }

  #place(node: number): void {
    this.#placed.push(node);
    if (node < this.#steps.length) this.#count(node, 1);
    else this.#latch[(this.#blocks.blocks[node - this.#steps.length] as Block).register] = NONE;
    for (let i = this.#out.start[node] as number; i < (this.#out.start[node + 1] as number); i++) {
      const next = this.#graph.to(this.#out.edge[i] as number);
      if (--this.#waits[next]! === 0) this.#offer(next);
    }
  }

  #takeBack(node: number): void {
    for (let i = (this.#out.start[node + 1] as number) - 1; i >= (this.#out.start[node] as number); i--) {
      const next = this.#graph.to(this.#out.edge[i] as number);
      if (this.#waits[next]!++ === 0 && this.#isChoice(next)) this.#close(next);
    }
    if (node < this.#steps.length) this.#count(node, -1);
    else this.#latch[(this.#blocks.blocks[node - this.#steps.length] as Block).register] = node - this.#steps.length;
    if (this.#isChoice(node)) this.#offer(node);
  }

  #count(id: number, by: 1 | -1): void {
    const { required, makes, register } = this.#steps[id] as Step;
    if (required) this.required += by;
    this.#situation[this.#slot[id] as number]! += by;
    this.#digest(this.#slot[id] as number, by);
    if (makes < 0) return;
    if (this.#loose[id] === 1) {
      const old = this.#value[register] as number;
      if (by === 1) this.#former.push(old);
      this.#value[register] = by === 1 ? makes : (this.#former.pop() as number);
      this.#digest(this.#situation.length - this.#value.length + register, this.#value[register] - old);
    } else if (this.#isChoice(id)) this.#latch[register] = by === 1 ? (this.#blocks.of[id] as number) : NONE;
  }

  #digest(place: number, by: number): void {
    this.digest = (this.digest + Math.imul(by, Math.imul(place + 1, DIGEST_FACTOR) ^ (place << 7))) | 0;
  }

  #isChoice(node: number): boolean {
    return node < this.#steps.length && (this.#loose[node] === 1 || this.#steps[node]?.role === 'write');
  }

  #offer(node: number): void {
    if (this.#isChoice(node)) this.#open.splice(this.#from(this.#rank[node] as number), 0, node);
    else this.#ready.push(node);
  }

  #close(id: number): void {
    this.#open.splice(this.#from(this.#rank[id] as number), 1);
  }

  /** The first place in `open` of a rank that is not less. */
  #from(rank: number): number {
    let [low, high] = [0, this.#open.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rank[this.#open[middle] as number] as number) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * By step: its place in the order in which choices are tried. A block of a linearizable history lies where its first completion or its last invocation
 * is, whichever comes first (see the linearizability of registers); other steps where they complete, and what need not have happened last.
 */
function ranks(steps: readonly Step[], { blocks, of }: Blocks, loose: Uint8Array): Float64Array {
  const end = ({ certain, operation: { invoke, completion } }: Step): number => (certain ? (completion?.index ?? invoke.index) : Infinity);
  const place = steps.map((step, id) => {
    const block = blocks[of[id] as number];
    if (loose[id] === 1 || block?.head !== id) return end(step);
    let [f, s] = [Infinity, -1];
    for (const member of block.members) {
      f = Math.min(f, end(steps[member] as Step));
      s = Math.max(s, (steps[member] as Step).operation.invoke.index);
    }
    return Math.min(f, s);
  });
  const rank = new Float64Array(steps.length);
  [...steps.keys()].sort((a, b) => ((place[a] as number) === (place[b] as number) ? a - b : (place[a] as number) - (place[b] as number))).forEach((id, i) => (rank[id] = i));
  return rank;
}

/** By step: where a situation counts it: one place for the certain steps of a session, which come in order, and one for every other step. */
function slots(steps: readonly Step[]): Int32Array {
  const bySession = new Map<number, number>();
  let size = 0;
  return Int32Array.from(steps, ({ session, certain }) => {
    if (!certain) return size++;
    const known = bySession.get(session);
    if (known !== undefined) return known;
    bySession.set(session, size);
    return size++;
  });
}

function maximum(array: Int32Array): number {
  return array.reduce((most, value) => Math.max(most, value), -1);
}
