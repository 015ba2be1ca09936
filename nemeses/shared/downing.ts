import { z } from 'zod';
import { FaultlineError, messageOf, waitUntil, type Capability, type FaultEnd, type FaultValue, type Nemesis, type Node, type Run } from '../../src/index.js';
import { aimFields, drawAim, parseStart, type Aim } from './aim.js';
import { isFree, releaseNode, takeNode } from './lease.js';
import { FaultLifecycle, type Fault } from './lifecycle.js';
import { faultSchedule, paceFor } from './schedule.js';
import { describeKinds, evidenceOf, resolveTargets, scheduledTargets, TARGET_KINDS } from './targets.js';

/** How long a node may take to answer after its restart. */
const READY_MS = 10_000;

const startSchema = z.object(aimFields);

/** How a nemesis brings a node down. */
export interface WayDown {
  /** As a participle, for the history: `killed`. */
  readonly past: string;
  /** Does it; the program is gone when it returns. Says in words how it went: `gone`. */
  down(node: Node, signal: AbortSignal): Promise<string>;
}

/** A nemesis that brings nodes down by one way and starts them again on their data. `verb`: for the descriptions of its kinds. */
export function downingNemesis(spec: { readonly name: string; readonly description: string; readonly verb: string; readonly needs: readonly Capability[]; readonly way: (run: Run) => WayDown }): Nemesis {
  const { name, description, verb, needs, way } = spec;
  return {
    name,
    description,
    needs,
    kinds: describeKinds(verb),
    create: (run) =>
      new FaultLifecycle({
        generator: (random) => faultSchedule({ random, pace: paceFor(run, name), kinds: scheduledTargets(run), choose: (kind, random) => drawAim(run, kind, random) }),
        prepare: async (value) => new Downing(run, name, parseStart(run, name, TARGET_KINDS, startSchema, value), way(run)),
      }),
  };
}

/** Brings nodes down and starts them again. It starts only those that it brought down itself: one that crashed stays down and is seen to be. */
export class Downing implements Fault {
  readonly #run: Run;
  readonly #name: string;
  readonly #aim: Aim;
  readonly #way: WayDown;
  /** Brought down and not yet started again. */
  readonly #down = new Map<string, Node>();
  readonly #findings = new Map<string, string>();
  #gone = 0;
  #value: FaultValue;

  constructor(run: Run, name: string, aim: Aim, way: WayDown) {
    this.#run = run;
    this.#name = name;
    this.#aim = aim;
    this.#way = way;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#down.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { nodes, value } = await resolveTargets(this.#run, this.#aim, signal, ['running', 'paused'], isFree);
    this.#value = value;
    const results = await Promise.allSettled(nodes.map((node) => this.#bringDown(node, signal)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { ...value, [this.#way.past]: [...this.#down.keys()].sort() };
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const findings = new Map<string, string>();
    const killed = [...this.#down.values()];
    const ready = await Promise.all(killed.map((node) => this.#restart(node, findings, signal)));
    return {
      ...this.#value,
      effect: { observed: this.#gone > 0, evidence: evidenceOf(this.#findings) },
      healed: killed.length === 0 ? { observed: true, evidence: 'no node was down by this fault' } : { observed: ready.every(Boolean), evidence: evidenceOf(findings) },
    };
  }

  async #bringDown(node: Node, signal: AbortSignal): Promise<void> {
    const before = await node.state();
    const holder = takeNode(node, this.#name, this);
    if (holder !== undefined || before === 'stopped') {
      releaseNode(node, this);
      this.#findings.set(node.name, holder === undefined ? 'already stopped' : `in the hands of ${holder}`);
      return;
    }
    this.#down.set(node.name, node);
    const words = await this.#way.down(node, signal);
    const gone = (await node.state()) === 'stopped';
    if (gone) this.#gone += 1;
    this.#findings.set(node.name, gone ? `${words}${before === 'paused' ? ' (was paused)' : ''}` : 'still there');
  }

  /** Whether it is there and answers. A node that could not be started stays in force, for the next attempt. */
  async #restart(node: Node, findings: Map<string, string>, signal: AbortSignal): Promise<boolean> {
    const crashes = crashesOf(this.#run, node).length;
    try {
      await node.restart();
      this.#down.delete(node.name);
      await this.#ready(node, crashes, signal);
      findings.set(node.name, 'running and answering again');
      return true;
    } catch (error) {
      findings.set(node.name, `${this.#down.has(node.name) ? 'could not be started' : 'started, but does not answer'}: ${messageOf(error)}`);
      return false;
    } finally {
      if (!this.#down.has(node.name)) releaseNode(node, this);
    }
  }

  async #ready(node: Node, crashes: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const bounded = this.#run.clock.within(READY_MS, signal, over.signal);
    const crashed = waitUntil(`${node.name} answers`, () => crashesOf(this.#run, node)[crashes], { clock: this.#run.clock, timeoutMs: READY_MS, signal: bounded }).then(({ tail }) => {
      throw new FaultlineError('node-died', `it died at once: ${tail}`);
    });
    try {
      await Promise.race([this.#run.system.ready(node, this.#run, bounded), crashed]);
    } finally {
      over.abort();
      await crashed.catch(() => undefined);
    }
  }
}

function crashesOf(run: Run, node: Node): readonly { readonly tail: string }[] {
  return run.cluster.unexpectedExits().filter((exit) => exit.node === node.name);
}
