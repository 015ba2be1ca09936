import type { Anomaly, Operation } from '../../src/index.js';
import { listOf, showCall, showOperation, showValue } from '../shared/words.js';
import { anomalyOf, type Block, type Blocks } from './blocks.js';
import { EDGE } from './demands.js';
import type { Digraph } from './digraph.js';
import type { Step, Steps } from './steps.js';

/** Demands that followed from others and are proved in the message; the rest of them is only counted. */
const PROVED = 6;

/** A cycle of demands on the order of all operations, in words, with the proofs of the demands that followed from others. */
export function explainCycle(cycle: readonly number[], graph: Digraph, history: Steps, blocks: Blocks): Anomaly {
  const teller = new Teller(graph, history, blocks);
  const open = cycle.filter((edge) => graph.label(edge) === EDGE.apart);
  const story = teller.tell(cycle);
  const proofs: string[] = [];
  const seen = new Set(open);
  let more = 0;
  for (const edge of open) {
    const { from, to } = teller.blocksOf(edge);
    const path = graph.path(from.head, teller.endOf(to), (e) => e < edge) ?? [];
    if (proofs.length < PROVED) proofs.push(`${teller.name(from)} was there before ${teller.name(to)}: ${teller.tell(path)}`);
    else more++;
    for (const used of path) {
      if (graph.label(used) !== EDGE.apart || seen.has(used)) continue;
      seen.add(used);
      open.push(used);
    }
  }
  if (more > 0) proofs.push(`and ${more} more of this kind`);
  const because = proofs.length === 0 ? '' : ` Why one value was over before another came: ${proofs.join('; ')}.`;
  return anomalyOf('no-order-of-operations', `Each of these comes before the next, and the last before the first: ${story}.${because}`, teller.told);
}

/** How far an exhaustive search came, if that is all there is to say. */
export function explainExhausted({ steps }: Steps, placed: number, of: number, stuck: readonly number[]): Anomaly {
  const operations = stuck.map((id) => (steps[id] as Step).operation);
  const next = operations.length === 0 ? 'nothing could follow' : `the sessions would go on with ${listOf(operations.map(showOperation))}, and no choice among them leads on`;
  return anomalyOf('no-order-of-operations', `Every order was tried. At best ${placed} of ${of} operations could be put in order; then ${next}.`, operations);
}

class Teller {
  readonly told = new Set<Operation>();
  readonly #graph: Digraph;
  readonly #history: Steps;
  readonly #blocks: Blocks;

  constructor(graph: Digraph, history: Steps, blocks: Blocks) {
    this.#graph = graph;
    this.#history = history;
    this.#blocks = blocks;
  }

  blocksOf(edge: number): { readonly from: Block; readonly to: Block } {
    const from = this.#blocks.blocks[this.#graph.from(edge) - this.#history.steps.length] as Block;
    return { from, to: this.#blocks.blocks[this.#blocks.of[this.#graph.to(edge)] as number] as Block };
  }

  endOf({ members }: Block): number {
    return this.#history.steps.length + (this.#blocks.of[members[0] as number] as number);
  }

  name({ head, register, members }: Block): string {
    const { steps, versions, registers } = this.#history;
    const { key, versions: own } = registers[register] as (typeof registers)[number];
    const value = showValue(versions[head < 0 ? (own[0] as number) : (steps[head] as Step).makes]?.value);
    const more = members.some((id) => steps[id]?.role === 'cas') ? ' (with what cas made of it)' : '';
    return `${head < 0 ? 'the initial value ' : ''}${value}${key === undefined ? '' : ` of ${key}`}${more}`;
  }

  /** The steps of a path, each with why the next one comes after it. A cycle is told from a step on. */
  tell(path: readonly number[]): string {
    const { steps } = this.#history;
    const start = Math.max(0, path.findIndex((edge) => this.#graph.from(edge) < steps.length));
    return [...path.slice(start), ...path.slice(0, start)].flatMap((edge) => this.#hop(edge) ?? []).join('; ');
  }

  #hop(edge: number): string | undefined {
    const [from, to] = [this.#graph.from(edge), this.#graph.to(edge)];
    const next = this.#history.steps[to] as Step;
    switch (this.#graph.label(edge)) {
      case EDGE.session:
        return `${this.#show(from)}, then in the same session ${this.#show(to)}`;
      case EDGE.source:
        return `${this.#show(from)}, whose value ${this.#show(to)} ${next.role === 'cas' ? 'replaced' : 'read'}`;
      case EDGE.replaced:
        return `${this.#show(from)}, whose value ${this.#show(to)} replaced`;
      case EDGE.end:
        // A path that ends here ends inside the block; the step has been told.
        return undefined;
      default: {
        const block = this.#blocks.blocks[from - this.#history.steps.length] as Block;
        return `${this.name(block)} was over before ${this.#show(to)}`;
      }
    }
  }

  /** In full when it is named first. */
  #show(id: number): string {
    const { operation } = this.#history.steps[id] as Step;
    const { invoke } = operation;
    const key = invoke.key === undefined ? '' : ` on ${invoke.key}`;
    if (this.told.has(operation)) return `#${invoke.index}`;
    this.told.add(operation);
    return `${showCall(operation)}${key}${showOperation(operation).slice(showCall(operation).length)}`;
  }
}
