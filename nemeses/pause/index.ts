import { z } from 'zod';
import { messageOf, type FaultEnd, type FaultValue, type Nemesis, type Node, type Run } from '../../src/index.js';
import { aimFields, drawAim, parseStart, type Aim } from '../shared/aim.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { describeKinds, evidenceOf, resolveTargets, scheduledTargets, TARGET_KINDS } from '../shared/targets.js';

const startSchema = z.object(aimFields);

/** Stops nodes, as a long garbage collection or a suspended machine would, and lets them go on: by SIGSTOP and SIGCONT, in containers by the cgroup freezer. */
export const pauseNemesis: Nemesis = {
  name: 'pause',
  description: 'Pauses nodes (SIGSTOP to the whole process group; in containers the cgroup freezer): they miss time and do not know it.',
  needs: ['pause'],
  kinds: describeKinds('Pauses'),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) => faultSchedule({ random, pace: paceFor(run, 'pause'), kinds: scheduledTargets(run), choose: (kind, random) => drawAim(run, kind, random) }),
      prepare: async (value) => new Pause(run, parseStart(run, 'pause', TARGET_KINDS, startSchema, value)),
    }),
};

/** It lets go only what it paused itself; a node that was killed meanwhile is nobody to let go. */
class Pause implements Fault {
  readonly #run: Run;
  readonly #aim: Aim;
  /** Paused and not yet let go. */
  readonly #paused = new Map<string, Node>();
  readonly #findings = new Map<string, string>();
  #stopped = 0;
  #value: FaultValue;

  constructor(run: Run, aim: Aim) {
    this.#run = run;
    this.#aim = aim;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#paused.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { nodes, value } = await resolveTargets(this.#run, this.#aim, signal);
    this.#value = value;
    const results = await Promise.allSettled(nodes.map((node) => this.#pause(node)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { ...value, paused: [...this.#paused.keys()].sort() };
  }

  async end(): Promise<FaultEnd> {
    const findings = new Map<string, string>();
    const paused = [...this.#paused.values()];
    const well = await Promise.all(paused.map((node) => this.#letGo(node, findings)));
    return {
      ...this.#value,
      effect: { observed: this.#stopped > 0, evidence: evidenceOf(this.#findings) },
      healed: paused.length === 0 ? { observed: true, evidence: 'no node was paused by this fault' } : { observed: well.every(Boolean), evidence: evidenceOf(findings) },
    };
  }

  async #pause(node: Node): Promise<void> {
    const before = await node.state();
    if (before !== 'running') {
      this.#findings.set(node.name, `already ${before}`);
      return;
    }
    this.#paused.set(node.name, node);
    await node.signal('SIGSTOP');
    const after = await node.state();
    if (after === 'paused') this.#stopped += 1;
    else this.#paused.delete(node.name);
    this.#findings.set(node.name, after === 'paused' ? 'seen stopped' : `${after}: another fault came first`);
  }

  async #letGo(node: Node, findings: Map<string, string>): Promise<boolean> {
    const before = await node.state();
    if (before !== 'paused') {
      this.#paused.delete(node.name);
      findings.set(node.name, before === 'stopped' ? 'killed meanwhile' : 'killed and started again meanwhile');
      return true;
    }
    try {
      await node.signal('SIGCONT');
    } catch (error) {
      findings.set(node.name, `does not go on: ${messageOf(error)}`);
      return false;
    }
    this.#paused.delete(node.name);
    const after = await node.state();
    findings.set(node.name, after === 'running' ? 'running again' : 'killed meanwhile');
    return after !== 'paused';
  }
}
