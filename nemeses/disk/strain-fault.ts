import { messageOf, type DiskFault, type FaultEnd, type FaultValue, type Node, type Run } from '../../src/index.js';
import type { Aim } from '../shared/aim.js';
import { comebackOf, endWords } from '../shared/came-back.js';
import { isFree, releaseNode, takeNode } from '../shared/lease.js';
import type { Fault } from '../shared/lifecycle.js';
import { evidenceOf, worthFirst } from '../shared/targets.js';

/** How long a node may take to answer when its disk is well again. */
const READY_MS = 10_000;
/** A program whose last fsync has just failed needs so long to end of it. */
const END_MS = 100;

/** Faults of a disk under a running node; `mayEnd`: a node may rightly give in to it. */
export const STRAINS = {
  'full-disk': { mayEnd: true, apply: ({ disk }: Node) => disk.fill() },
  'slow-fsync': { mayEnd: false, apply: ({ disk }: Node, delayMs: number) => disk.slow(delayMs) },
  'fsync-error': { mayEnd: true, apply: ({ disk }: Node) => disk.failSync() },
} as const;

export interface StrainAim extends Aim {
  readonly kind: keyof typeof STRAINS;
  readonly count: number;
  readonly delayMs: number;
}

/** Disks that are full, slow or failing under running nodes. A node that ends of it is started again when it is over; until then it is in our hands. */
export class StrainFault implements Fault {
  readonly #run: Run;
  readonly #aim: StrainAim;
  readonly #mayEnd: boolean;
  readonly #strained = new Map<Node, DiskFault>();
  readonly #findings = new Map<string, string>();
  #value: FaultValue;
  #observed = false;

  constructor(run: Run, aim: StrainAim) {
    this.#run = run;
    this.#aim = aim;
    this.#mayEnd = STRAINS[aim.kind].mayEnd;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#strained.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind, order, count, delayMs } = this.#aim;
    const targets = (await worthFirst(this.#run, order, ['running'], isFree, signal)).slice(0, count);
    const nodes = targets.flatMap((name) => this.#run.cluster.nodes.find((node) => node.name === name) ?? []);
    this.#value = { kind, targets, ...(kind === 'slow-fsync' ? { delayMs } : {}) };
    await Promise.all(nodes.map((node) => this.#strain(node, signal)));
    const [by] = [...this.#strained.values()].map((fault) => fault.by);
    this.#value = { ...this.#value, ...(by === undefined ? {} : { by }) };
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const after = new Map<string, string>();
    const strained = [...this.#strained];
    const well = await Promise.all(strained.map(([node, fault]) => this.#relieve(node, fault, after, signal)));
    return {
      ...this.#value,
      effect: { observed: this.#observed, evidence: evidenceOf(this.#findings) },
      healed: strained.length === 0 ? { observed: true, evidence: 'no disk was touched by this fault' } : { observed: well.every(Boolean), evidence: evidenceOf(after) },
    };
  }

  async #strain(node: Node, signal: AbortSignal): Promise<void> {
    const state = await node.state();
    const holder = this.#mayEnd ? takeNode(node, 'disk', this) : undefined;
    try {
      if (holder !== undefined || state !== 'running') {
        this.#findings.set(node.name, holder === undefined ? `already ${state}` : `in the hands of ${holder}`);
        return;
      }
      if (this.#mayEnd) node.expectEnd(true);
      this.#strained.set(node, await STRAINS[this.#aim.kind].apply(node, this.#aim.delayMs));
    } catch (error) {
      this.#findings.set(node.name, `not touched: ${messageOf(error)}`);
      // Without the fault there is nothing to give in to; but it may have been in force for a moment.
      if (this.#mayEnd) await this.#startIfEnded(node, signal);
    } finally {
      if (!this.#strained.has(node)) releaseNode(node, this);
    }
  }

  async #relieve(node: Node, fault: DiskFault, after: Map<string, string>, signal: AbortSignal): Promise<boolean> {
    try {
      const { observed, evidence } = await fault.end();
      this.#observed ||= observed;
      this.#findings.set(node.name, evidence);
      if (this.#mayEnd) {
        await this.#run.clock.sleep(END_MS);
        await this.#startIfEnded(node, signal);
      }
      this.#strained.delete(node);
      releaseNode(node, this);
    } catch (error) {
      after.set(node.name, `could not be relieved: ${messageOf(error)}`);
      return false;
    }
    const state = await node.state();
    // A node that others have down or paused is theirs to heal.
    if (!this.#mayEnd && state !== 'running') {
      after.set(node.name, `${state} by another fault`);
      return true;
    }
    const comeback = await comebackOf(this.#run, node, READY_MS, signal);
    after.set(node.name, comeback.kind === 'answers' ? 'running and answering' : comeback.kind === 'ended' ? `ended: ${endWords(comeback.end)}` : `does not answer: ${comeback.why}`);
    return comeback.kind === 'answers';
  }

  /** One that is about to end is given the time: its end belongs to this fault. */
  async #startIfEnded(node: Node, signal: AbortSignal): Promise<void> {
    const comeback = await comebackOf(this.#run, node, READY_MS, signal);
    if (comeback.kind === 'ended') {
      this.#observed = true;
      this.#findings.set(node.name, `${this.#findings.get(node.name) ?? ''}; ended (${endWords(comeback.end)})`);
      await node.restart();
    }
    node.expectEnd(false);
  }
}
