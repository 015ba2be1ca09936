import { messageOf, NS_PER_MS, type FaultEnd, type FaultValue, type Node, type Run } from '../../src/index.js';
import { aimAtLeader, type Aim } from '../shared/aim.js';
import type { Fault } from '../shared/lifecycle.js';
import { evidenceOf } from '../shared/targets.js';
import { offsetOf } from './observe.js';

/** An answer may be so much off, milliseconds: half its round trip, and a step of a drifting clock. */
const TOLERANCE_MS = 20;
const WATCH_MS = 1000;
const POLL_MS = 15;

/** What the start of a clock fault carries. */
export interface ClockAim extends Aim {
  /** For the nodes in the aim's order. */
  readonly offsetsMs: readonly number[];
  readonly rate?: number | undefined;
  /** How often a strobe switches. */
  readonly periodMs?: number | undefined;
}

/** Clocks set wrong, until the end sets right those that it set. */
export class ClockFault implements Fault {
  readonly #run: Run;
  readonly #aim: ClockAim;
  readonly #set = new Map<string, { readonly node: Node; readonly offsetMs: number; readonly baseMs: number }>();
  readonly #skipped = new Map<string, string>();
  #value: FaultValue;
  #strobe: NodeJS.Timeout | undefined;
  #sinceNs = 0;

  constructor(run: Run, aim: ClockAim) {
    this.#run = run;
    this.#aim = aim;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#set.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind, offsetsMs, rate, periodMs } = this.#aim;
    const leaderAim = kind.endsWith('-leader') ? await aimAtLeader(this.#run, this.#aim.order, signal) : undefined;
    const targets = (leaderAim?.order ?? this.#aim.order).slice(0, this.#count());
    const offsets = Object.fromEntries(targets.map((name, i) => [name, offsetsMs[i % offsetsMs.length] ?? 0]));
    this.#value = { kind, targets, offsets, ...(rate === undefined ? {} : { rate }), ...(periodMs === undefined ? {} : { periodMs }), ...(leaderAim === undefined ? {} : { leader: leaderAim.leader }), ...(leaderAim?.note === undefined ? {} : { note: leaderAim.note }) };
    const nodes = targets.flatMap((name) => this.#run.cluster.nodes.find((node) => node.name === name) ?? []);
    const bases = await Promise.all(nodes.map((node) => offsetOf(this.#run, node, signal)));
    this.#sinceNs = this.#run.clock.now();
    for (const [i, node] of nodes.entries()) {
      const offsetMs = offsets[node.name] ?? 0;
      this.#set.set(node.name, { node, offsetMs, baseMs: bases[i] ?? 0 });
      await node.setClock(rate === undefined ? { offsetMs } : { rate });
    }
    if (periodMs !== undefined) this.#startStrobe(periodMs);
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const set = [...this.#set.values()];
    const findings = new Map(this.#skipped);
    const bitten = await Promise.all(set.map((one) => this.#watch(one.node, this.#stages(one), findings, 'seen', signal)));
    clearInterval(this.#strobe);
    const after = new Map<string, string>();
    const healed = await Promise.all(set.map((one) => this.#reset(one, after, signal)));
    return {
      ...this.#value,
      effect: { observed: bitten.includes(true), evidence: evidenceOf(findings) },
      healed: { observed: !healed.includes(false), evidence: evidenceOf(after) },
    };
  }

  #count(): number {
    const n = this.#run.cluster.nodes.length;
    if (this.#aim.kind === 'scramble') return n;
    return this.#aim.kind === 'bump-minority' ? Math.max(1, Math.floor((n - 1) / 2)) : 1;
  }

  /** Toggles between the offset and none, without holding the process. */
  #startStrobe(periodMs: number): void {
    let wrong = true;
    this.#strobe = setInterval(() => {
      wrong = !wrong;
      for (const { node, offsetMs } of this.#set.values()) node.setClock({ offsetMs: wrong ? offsetMs : 0 }).catch(() => clearInterval(this.#strobe));
    }, periodMs);
    this.#strobe.unref();
  }

  /** The offsets to be seen, one after the other, each at the moment of asking. */
  #stages({ offsetMs, baseMs }: { readonly offsetMs: number; readonly baseMs: number }): readonly (() => number)[] {
    const { rate, periodMs } = this.#aim;
    if (periodMs !== undefined) return [() => baseMs + offsetMs, () => baseMs];
    return [() => baseMs + offsetMs + ((rate ?? 1) - 1) * ((this.#run.clock.now() - this.#sinceNs) / NS_PER_MS)];
  }

  async #reset({ node, baseMs }: { readonly node: Node; readonly baseMs: number }, after: Map<string, string>, signal: AbortSignal): Promise<boolean> {
    try {
      await node.setClock({ offsetMs: 0 });
    } catch (error) {
      after.set(node.name, `could not be reset: ${messageOf(error)}`);
      return false;
    }
    this.#set.delete(node.name);
    const seen = await this.#watch(node, [() => baseMs], after, 'right again', signal);
    return seen ?? true;
  }

  /** Whether all stages were seen; undefined of a node that is down or does not answer. Bounded. */
  async #watch(node: Node, stages: readonly (() => number)[], findings: Map<string, string>, word: string, signal: AbortSignal): Promise<boolean | undefined> {
    const deadline = this.#run.clock.now() + WATCH_MS * NS_PER_MS;
    const left = [...stages];
    const met: number[] = [];
    let last: number | undefined;
    do {
      const seen = await offsetOf(this.#run, node, signal);
      last = seen ?? last;
      // An offset smaller than the tolerance cannot be told from none, so it must be met more closely.
      const index = seen === undefined ? -1 : left.findIndex((stage) => Math.abs(seen - stage()) <= Math.min(TOLERANCE_MS, this.#closeness()));
      if (index >= 0) {
        left.splice(index, 1);
        met.push(Math.round(seen ?? 0));
      }
      if (left.length === 0) break;
      await this.#run.clock.sleep(POLL_MS, signal).catch(() => undefined);
    } while (!signal.aborted && this.#run.clock.now() < deadline);
    const text = left.length === 0 ? `${word}: ${met.join(' and ')} ms` : last === undefined ? `is ${await node.state()}, shows no clock` : `shows ${Math.round(last)} ms`;
    findings.set(node.name, text);
    return left.length === 0 ? true : last === undefined ? undefined : false;
  }

  #closeness(): number {
    const sizes = this.#aim.offsetsMs.map(Math.abs).filter((size) => size > 0);
    return sizes.length === 0 ? TOLERANCE_MS : Math.max(2, Math.min(...sizes) / 2);
  }
}
