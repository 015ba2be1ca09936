import { FaultlineError, messageOf, minoritySize, type FaultEnd, type FaultValue, type Members, type Node, type Run } from '../../src/index.js';
import { aimAtLeader, nodeNames, type Aim } from '../shared/aim.js';
import { comebackOf, endWords } from '../shared/came-back.js';
import { isFree, releaseNode, takeNode } from '../shared/lease.js';
import type { Fault } from '../shared/lifecycle.js';
import { evidenceOf, worthFirst } from '../shared/targets.js';

/** How long the cluster may take for one change while other faults are at work. */
const CHANGE_MS = 8000;
/** How long it may take when the fault is to end: other faults that are in force may be in its way, so that it has to be tried again when they are healed. */
const RESTORE_MS = 8000;
/** How long a node that was taken in may take to answer. */
const READY_MS = 10_000;

interface ChangeKind {
  readonly description: string;
  readonly minNodes: number;
  readonly atLeader?: true;
  /** The nodes are lost at once, not taken out first. */
  readonly replaces?: true;
  readonly count: (n: number) => number;
}

export const CHANGES: Readonly<Record<string, ChangeKind>> = {
  'remove-one': { description: 'Takes one node out, and in again later under a new identity.', minNodes: 3, count: () => 1 },
  'remove-minority': { description: 'Takes as many nodes out at once as leave a majority, and in again one after the other.', minNodes: 5, count: minoritySize },
  'remove-leader': { description: 'Takes the leader out, and in again later.', minNodes: 3, atLeader: true, count: () => 1 },
  replace: { description: 'Kills a node, wipes its disk, and puts a new one in its place in one change.', minNodes: 3, replaces: true, count: () => 1 },
};

/** How far a node is on its way out and in. */
type Stage = 'going' | 'out' | 'lost';

/** Nodes that were taken out, until they are members again. */
export class MembersFault implements Fault {
  readonly #run: Run;
  readonly #aim: Aim;
  readonly #kind: ChangeKind;
  readonly #stages = new Map<Node, Stage>();
  readonly #findings = new Map<string, string>();
  #changed = 0;
  #value: FaultValue;

  constructor(run: Run, aim: Aim) {
    this.#run = run;
    this.#aim = aim;
    this.#kind = CHANGES[aim.kind] as ChangeKind;
    this.#value = { kind: aim.kind };
  }

  get inForce(): boolean {
    return this.#stages.size > 0;
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const nodes = await this.#choose(signal);
    for (const node of nodes) {
      const holder = takeNode(node, 'members', this);
      if (holder === undefined) this.#stages.set(node, this.#kind.replaces === true ? 'lost' : 'going');
      else this.#findings.set(node.name, `in the hands of ${holder}`);
    }
    const bounded = this.#run.clock.within(CHANGE_MS, signal);
    if (this.#kind.replaces === true) await this.#replace(bounded);
    else await this.#takeOut(bounded).catch((error: unknown) => this.#note(`still to be taken out: ${messageOf(error)}`));
    return this.#value;
  }

  /** Whatever the way out had come to: the nodes are members when it is over, or the next attempt goes on from where this one was. */
  async end(signal: AbortSignal): Promise<FaultEnd> {
    const findings = new Map<string, string>();
    const had = this.#stages.size;
    const bounded = this.#run.clock.within(RESTORE_MS, signal);
    let well = true;
    try {
      await this.#takeOut(bounded);
    } catch (error) {
      well = false;
      for (const node of this.#stages.keys()) findings.set(node.name, `could not be taken out: ${messageOf(error)}`);
    }
    // One after the other: each has caught up before the next comes.
    for (const [node, stage] of well ? this.#stages : []) {
      const done = await this.#takeIn(node, stage, findings, bounded);
      if (done && this.#kind.replaces === true) this.#replaced(node);
      well = done && well;
    }
    const left = [...this.#stages.keys()].map(({ name }) => name);
    return {
      ...this.#value,
      effect: { observed: this.#changed > 0, evidence: evidenceOf(this.#findings) },
      healed: had === 0 ? { observed: true, evidence: evidenceOf(this.#findings) } : { observed: well && left.length === 0, evidence: evidenceOf(findings) },
    };
  }

  /** Other faults may hold a change up: it is under way until its end, which tries again. */
  #note(words: string): void {
    for (const node of this.#stages.keys()) this.#findings.set(node.name, words);
  }

  async #choose(signal: AbortSignal): Promise<readonly Node[]> {
    const aimed = this.#kind.atLeader === true ? await aimAtLeader(this.#run, this.#aim.order, signal) : undefined;
    const order = await worthFirst(this.#run, aimed?.order ?? this.#aim.order, ['running'], isFree, signal);
    const targets = order.slice(0, this.#kind.count(nodeNames(this.#run).length));
    this.#value = { kind: this.#aim.kind, targets, ...(aimed === undefined ? {} : { leader: aimed.leader }), ...(aimed?.note === undefined ? {} : { note: aimed.note }) };
    return targets.flatMap((name) => this.#run.cluster.nodes.find((node) => node.name === name) ?? []);
  }

  async #takeOut(signal: AbortSignal): Promise<void> {
    const going = [...this.#stages].filter(([, stage]) => stage === 'going').map(([node]) => node);
    if (going.length === 0) return;
    await membersOf(this.#run).remove(going, this.#run, signal);
    for (const node of going) this.#stages.set(node, 'out');
    this.#changed += going.length;
    const members = await membersOf(this.#run).list(this.#run, signal);
    for (const { name } of going) this.#findings.set(name, members.includes(name) ? 'a member all the same' : `no member; members: ${[...members].sort().join(', ')}`);
  }

  async #replace(signal: AbortSignal): Promise<void> {
    for (const [node, stage] of this.#stages) {
      const findings = new Map<string, string>();
      const done = await this.#takeIn(node, stage, findings, signal);
      if (done) this.#replaced(node);
      else this.#findings.set(node.name, findings.get(node.name) ?? '');
    }
  }

  #replaced(node: Node): void {
    this.#changed += 1;
    this.#findings.set(node.name, 'lost its disk; a new node is a member in its place');
  }

  /** Whether the node is a member, and answers. */
  async #takeIn(node: Node, stage: Stage, findings: Map<string, string>, signal: AbortSignal): Promise<boolean> {
    try {
      await node.signal('SIGKILL');
      if ((await node.state()) !== 'stopped') throw new FaultlineError('still-running', `${node.name} runs after SIGKILL`);
      await node.wipe();
      this.#stages.set(node, stage === 'going' ? 'going' : 'lost');
      await membersOf(this.#run).add(node, this.#run, signal);
      this.#stages.delete(node);
      const comeback = await comebackOf(this.#run, node, READY_MS, signal);
      findings.set(node.name, comeback.kind === 'answers' ? 'a member again, and answering' : comeback.kind === 'ended' ? `a member again, but ended: ${endWords(comeback.end)}` : `a member again, but does not answer: ${comeback.why}`);
      return comeback.kind === 'answers';
    } catch (error) {
      findings.set(node.name, `could not be taken in: ${messageOf(error)}`);
      return false;
    } finally {
      if (!this.#stages.has(node)) releaseNode(node, this);
    }
  }
}

function membersOf(run: Run): Members {
  if (run.system.members === undefined) throw new FaultlineError('no-membership', `${run.system.name} does not say how its members are changed`);
  return run.system.members;
}
