import { FaultlineError, messageOf, type FaultEnd, type FaultValue, type Node, type Run } from '../../src/index.js';
import type { Aim } from '../shared/aim.js';
import { comebackOf, endWords } from '../shared/came-back.js';
import { isFree, releaseNode, takeNode } from '../shared/lease.js';
import type { Fault } from '../shared/lifecycle.js';
import { evidenceOf, worthFirst } from '../shared/targets.js';
import { DAMAGES, type Luck } from './damage.js';
import type { Damage } from './files.js';

/** A node that starts on damaged files is watched so long. */
const OBSERVE_MS = 5000;
/** How long a node may take to answer when its files are whole again. */
const READY_MS = 10_000;

export interface DamageAim extends Aim {
  readonly kind: keyof typeof DAMAGES;
  readonly count: number;
  /** For the targets in turn. */
  readonly luck: readonly Luck[];
}

/**
 * Nodes that were killed, damaged and started again. One that refuses to start does right if durable data was destroyed; one that serves on has forgotten something, and
 * the undo does not make it unsaid.
 */
export class DamageFault implements Fault {
  readonly #run: Run;
  readonly #aim: DamageAim;
  /** In our hands, damaged or not yet. */
  readonly #patients = new Map<Node, Damage | undefined>();
  readonly #findings = new Map<string, string>();
  #bitten = 0;
  #value: FaultValue;

  constructor(run: Run, aim: DamageAim) {
    this.#run = run;
    this.#aim = aim;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#patients.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind, order, count } = this.#aim;
    const targets = (await worthFirst(this.#run, order, ['running', 'paused'], isFree, signal)).slice(0, count);
    this.#value = { kind, targets };
    const nodes = targets.flatMap((name) => this.#run.cluster.nodes.find((node) => node.name === name) ?? []);
    const results = await Promise.allSettled(nodes.map((node, i) => this.#harm(node, this.#aim.luck[i] ?? { file: 0, place: 0, bit: 0 }, signal)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const damage = Object.fromEntries([...this.#patients].flatMap(([node, done]) => (done === undefined ? [] : [[node.name, done.detail]])));
    this.#value = { ...this.#value, damage };
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const findings = new Map<string, string>();
    const patients = [...this.#patients];
    const well = await Promise.all(patients.map(([node, damage]) => this.#mend(node, damage, findings, signal)));
    return {
      ...this.#value,
      effect: { observed: this.#bitten > 0, evidence: evidenceOf(this.#findings) },
      healed: patients.length === 0 ? { observed: true, evidence: 'no node was damaged by this fault' } : { observed: well.every(Boolean), evidence: evidenceOf(findings) },
    };
  }

  async #harm(node: Node, luck: Luck, signal: AbortSignal): Promise<void> {
    const before = await node.state();
    const holder = takeNode(node, 'disk', this);
    if (holder !== undefined || before === 'stopped') {
      releaseNode(node, this);
      this.#findings.set(node.name, holder === undefined ? 'already stopped' : `in the hands of ${holder}`);
      return;
    }
    this.#patients.set(node, undefined);
    await node.signal('SIGKILL');
    if ((await node.state()) !== 'stopped') throw new FaultlineError('still-running', `${node.name} runs after SIGKILL`);
    const damage = await DAMAGES[this.#aim.kind].plan(node, this.#run, luck);
    this.#patients.set(node, damage);
    await damage?.apply();
    await node.restart({ mayEnd: damage !== undefined });
    if (damage === undefined) this.#findings.set(node.name, 'had nothing to damage');
    else await this.#observe(node, damage, signal);
  }

  async #observe(node: Node, damage: Damage, signal: AbortSignal): Promise<void> {
    const comeback = await comebackOf(this.#run, node, OBSERVE_MS, signal);
    const { destroys } = DAMAGES[this.#aim.kind];
    if (comeback.kind === 'ended' || (comeback.kind === 'answers' && !destroys)) this.#bitten += 1;
    // One that has coped is a node like any other; one that runs on destroyed data may stumble at any time.
    if (comeback.kind === 'answers' && !destroys) node.expectEnd(false);
    const met = comeback.kind === 'ended' ? `does not start (${endWords(comeback.end)})` : comeback.kind === 'answers' ? `answers${destroys ? ' all the same' : ''}` : `does not answer (${comeback.why})`;
    this.#findings.set(node.name, `${damage.words}; ${met}`);
  }

  /** Whether it is whole, there, and answers. A node that is not stays in our hands, for the next attempt, unless it was started and does not answer. */
  async #mend(node: Node, damage: Damage | undefined, findings: Map<string, string>, signal: AbortSignal): Promise<boolean> {
    try {
      if (damage?.undo !== undefined) await node.signal('SIGKILL');
      const done = damage?.undo === undefined ? '' : `${await damage.undo()}; `;
      await node.restart();
      this.#patients.delete(node);
      const comeback = await comebackOf(this.#run, node, READY_MS, signal);
      // It may have run on all the time, started with leave to end; its files are whole now.
      if (comeback.kind === 'answers') node.expectEnd(false);
      findings.set(node.name, `${done}${comeback.kind === 'answers' ? 'running and answering again' : comeback.kind === 'ended' ? `started, but ended: ${endWords(comeback.end)}` : `started, but does not answer: ${comeback.why}`}`);
      return comeback.kind === 'answers';
    } catch (error) {
      findings.set(node.name, `could not be mended: ${messageOf(error)}`);
      return false;
    } finally {
      if (!this.#patients.has(node)) releaseNode(node, this);
    }
  }
}
