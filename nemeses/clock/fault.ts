import { messageOf, minoritySize, NS_PER_MS, type FaultEnd, type FaultValue, type Node, type Run } from '../../src/index.js';
import { aimAtLeader, type Aim } from '../shared/aim.js';
import type { Fault } from '../shared/lifecycle.js';
import { evidenceOf, worthFirst } from '../shared/targets.js';
import { baselineOf, readClock, type Baseline } from './observe.js';
import { Strobe } from './strobe.js';
import { DriftWatch, OffsetWatch, type Watch } from './watch.js';

/** A fault is watched from its start, and at its end for so much longer if it was not seen yet; so is its healing, milliseconds. */
const LONGER_MS = 1500;
/** No fault is watched longer than this. */
const LONGEST_MS = 120_000;
/** Pauses between readings: uneven, so that they do not keep step with a strobe. Milliseconds. */
const PAUSES_MS = [7, 23, 13, 31, 19, 11];

/** What the start of a clock fault carries. */
export interface ClockAim extends Aim {
  /** For the nodes in the aim's order. */
  readonly offsetsMs: readonly number[];
  readonly rate?: number | undefined;
  /** The two offsets of a strobe, and how long each lasts. */
  readonly betweenMs?: readonly [number, number] | undefined;
  readonly periodMs?: number | undefined;
}

/** A node whose clock was set wrong. */
interface Target {
  readonly node: Node;
  readonly offsetMs: number;
  readonly baseline: Baseline;
  readonly watch: Watch;
}

/** Clocks set wrong, until the end sets right those that it set. */
export class ClockFault implements Fault {
  readonly #run: Run;
  readonly #aim: ClockAim;
  readonly #targets: Target[] = [];
  /** Those that are still wrong. */
  readonly #wrong = new Set<Target>();
  readonly #watching = new AbortController();
  #watches: Promise<unknown> = Promise.resolve();
  #untilNs = 0;
  #sinceNs = 0;
  #ending = false;
  #value: FaultValue;
  #strobe: Strobe | undefined;

  constructor(run: Run, aim: ClockAim) {
    this.#run = run;
    this.#aim = aim;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#wrong.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const nodes = await this.#resolve(signal);
    const baselines = await Promise.all(nodes.map((node) => baselineOf(this.#run, node, signal)));
    this.#sinceNs = this.#run.clock.now();
    for (const [i, node] of nodes.entries()) {
      const [offsetMs, baseline] = [this.#offsetOf(i), baselines[i] ?? { offsetMs: 0, errorMs: 0 }];
      const target = { node, offsetMs, baseline, watch: this.#watchFor(offsetMs, baseline) };
      this.#targets.push(target);
      this.#wrong.add(target);
      await node.setClock(this.#aim.rate === undefined ? { offsetMs } : { rate: this.#aim.rate });
    }
    const { betweenMs, periodMs } = this.#aim;
    if (betweenMs !== undefined && periodMs !== undefined) this.#strobe = Strobe.start(this.#run.clock, nodes, betweenMs, periodMs);
    this.#untilNs = this.#run.clock.now() + LONGEST_MS * NS_PER_MS;
    this.#watches = Promise.all(this.#targets.map(({ node, watch }) => this.#follow(node, watch, () => this.#untilNs, this.#watching.signal)));
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    this.#ending = true;
    this.#untilNs = Math.min(this.#untilNs, this.#run.clock.now() + LONGER_MS * NS_PER_MS);
    if (signal.aborted) this.#watching.abort();
    else signal.addEventListener('abort', () => this.#watching.abort(), { once: true });
    await this.#watches;
    await this.#strobe?.end();
    const bitten = new Map(await Promise.all(this.#targets.map(async ({ node, watch }) => [node.name, await wordsOf(node, watch)] as const)));
    const verdicts = this.#targets.map(({ watch }) => watch.verdict);
    const after = new Map<string, string>();
    const healed = await Promise.all([...this.#wrong].map((target) => this.#reset(target, after, signal)));
    return {
      ...this.#value,
      effect: { observed: verdicts.includes(true) && !verdicts.includes(false), evidence: evidenceOf(bitten) },
      healed: { observed: !healed.includes(false), evidence: evidenceOf(after) },
    };
  }

  /** The nodes that the aim means now, running ones first; those that are down or paused would not show anything. */
  async #resolve(signal: AbortSignal): Promise<readonly Node[]> {
    const { kind, order, rate, betweenMs, periodMs } = this.#aim;
    const leaderAim = kind.endsWith('-leader') ? await aimAtLeader(this.#run, order, signal) : undefined;
    const targets = (await worthFirst(this.#run, leaderAim?.order ?? order, ['running'], undefined, signal)).slice(0, this.#count());
    const how = rate !== undefined ? { rate } : betweenMs !== undefined ? { betweenMs, periodMs } : { offsets: Object.fromEntries(targets.map((name, i) => [name, this.#offsetOf(i)])) };
    this.#value = { kind, targets, ...how, ...(leaderAim === undefined ? {} : { leader: leaderAim.leader }), ...(leaderAim?.note === undefined ? {} : { note: leaderAim.note }) };
    return targets.flatMap((name) => this.#run.cluster.nodes.find((node) => node.name === name) ?? []);
  }

  #count(): number {
    const n = this.#run.cluster.nodes.length;
    if (this.#aim.kind === 'scramble') return n;
    return this.#aim.kind === 'bump-minority' ? Math.max(1, minoritySize(n)) : 1;
  }

  /** Of the target of this number, when the fault begins. */
  #offsetOf(i: number): number {
    const { offsetsMs, betweenMs } = this.#aim;
    return betweenMs?.[0] ?? offsetsMs[i % offsetsMs.length] ?? 0;
  }

  #watchFor(offsetMs: number, baseline: Baseline): Watch {
    const { rate, betweenMs } = this.#aim;
    return rate === undefined ? new OffsetWatch('seen', baseline, betweenMs ?? [offsetMs], [0]) : new DriftWatch(rate);
  }

  async #reset(target: Target, after: Map<string, string>, signal: AbortSignal): Promise<boolean> {
    const { node, offsetMs, baseline } = target;
    const { rate, betweenMs } = this.#aim;
    const left = rate === undefined ? (betweenMs ?? [offsetMs]) : [((rate - 1) * (this.#run.clock.now() - this.#sinceNs)) / NS_PER_MS];
    try {
      await node.setClock({ offsetMs: 0 });
    } catch (error) {
      after.set(node.name, `could not be reset: ${messageOf(error)}`);
      return false;
    }
    this.#wrong.delete(target);
    const watch = new OffsetWatch('right again', baseline, [0], left);
    const untilNs = this.#run.clock.now() + LONGER_MS * NS_PER_MS;
    await this.#follow(node, watch, () => untilNs, signal);
    after.set(node.name, await wordsOf(node, watch));
    return watch.verdict ?? true;
  }

  /** Reads the clock of a node until it shows what is watched for, or the time is up. */
  async #follow(node: Node, watch: Watch, untilNs: () => number, signal: AbortSignal): Promise<void> {
    for (let i = 0; !watch.shown && !signal.aborted && this.#run.clock.now() < untilNs(); i++) {
      const reading = await readClock(this.#run, node, signal);
      if (reading !== undefined) watch.take(reading);
      // Until its end a fault may still meet a node that comes back; then nobody waits for one that is down.
      else if (this.#ending && (await node.state()) !== 'running') return;
      if (!watch.shown) await this.#run.clock.sleep(PAUSES_MS[i % PAUSES_MS.length] ?? 10, signal).catch(() => undefined);
    }
  }
}

async function wordsOf(node: Node, watch: Watch): Promise<string> {
  if (watch.evidence !== undefined) return watch.evidence;
  const state = await node.state();
  return state === 'running' ? 'did not say what its clock shows' : `is ${state}, shows no clock`;
}
