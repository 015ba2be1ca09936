/**
 * The nodes of a cluster, each by itself. What a node does depends on its own past alone, so every state that a node can be in gets a number, and every step from there is taken once, by
 * the real core, however many states of the cluster it occurs in. The core changes its state in place and keeps actions for later in closures: nothing of that is ever copied. A replica is
 * built again from what its start found on the disk and the turns since, whenever a new step is to be taken from it.
 */
import { compareBallots, createReplica, type Ballot, type NodeId, type ReplicaState, type Slot, type WalRecord } from '../../core/index.js';
import { compact, highestBallot } from './disk.js';
import type { Facts } from './facts.js';
import { brokenByNode, brokenByStage } from './node-invariants.js';
import { replicaText } from './replica-text.js';
import { configOf, firstRecords, type ReplicaScope } from './scope.js';
import { replicaSummary } from './text.js';
import { rebuild, takeTurn, type Input, type Stage } from './turn.js';

/** A state of one node. */
export interface Local {
  readonly node: NodeId;
  /** Starts so far. */
  readonly life: number;
  /** What the disk held at the start, and the turns since; undefined: the node is down. */
  readonly start: { readonly records: readonly WalRecord[]; readonly inputs: readonly Input[] } | undefined;
  readonly disk: readonly WalRecord[];
  /** In a line, for people. */
  readonly summary: string;
  /** The ballot that it stands for election or leads in. */
  readonly own: { readonly kind: 'candidate' | 'leader'; readonly ballot: Ballot } | undefined;
  readonly chosenUpTo: Slot;
  /** Whether it may stand for election. */
  readonly stands: boolean;
  /** What it has applied, by slot, as JSON. */
  readonly applied: ReadonlyMap<Slot, string>;
  /** What is wrong with it whatever the others do, in one sentence. */
  readonly broken: string | undefined;
}

/** One way in which a step of a node may end. */
export interface Outcome {
  /** The number of the state after it. */
  readonly to: number;
  /** Numbers of the facts that it makes. */
  readonly facts: readonly number[];
  /** The node has crashed before a write was done: after so many records of the turn. */
  readonly crashedAfter: number | undefined;
}

/** All states of nodes met so far, by number. */
export class Locals {
  readonly #locals: Local[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(
    readonly scope: ReplicaScope,
    readonly facts: Facts,
  ) {}

  /** The state of a number that was given. */
  at(number: number): Local {
    const local = this.#locals[number];
    if (local === undefined) throw new RangeError(`there is no state ${number}`);
    return local;
  }

  /** A node that has started for the first time. */
  first(node: NodeId): number {
    return this.#start(node, 1, compact(firstRecords(this.scope)));
  }

  /** The node down: what it knew is what its disk holds. */
  crash(number: number): number {
    const { node, life, disk } = this.at(number);
    return this.#down(node, life, disk, undefined);
  }

  /** The node started again. */
  restart(number: number): number {
    const { node, life, disk } = this.at(number);
    return this.#start(node, life + 1, disk);
  }

  /** Takes an event in: the turn to its end first, then every way in which the node crashes before a write of the turn is done. */
  take(number: number, input: Input): readonly Outcome[] {
    const local = this.at(number);
    const { node, life, start } = local;
    if (start === undefined) throw new Error(`node ${node} is down`);
    const replica = rebuild(configOf(this.scope, node, life), start.records, start.inputs);
    const before = replica.promised;
    let stages: readonly Stage[];
    try {
      stages = takeTurn(replica, input);
    } catch (error) {
      return [{ to: this.#down(node, life, local.disk, `Assertion of the core: ${(error as Error).message}`), facts: [], crashedAfter: undefined }];
    }
    const broken = this.#internal(local.broken ?? (compareBallots(replica.promised, before) < 0 ? `Promises: node ${node} lowers its promise` : undefined) ?? brokenByStage(node, local.disk, stages));
    const records = stages.flatMap((stage) => stage.records);
    const whole = this.#up(node, life, { records: start.records, inputs: [...start.inputs, input] }, compact([...local.disk, ...records]), replica, broken);
    const ways: Outcome[] = [{ to: whole, facts: stages.flatMap((stage) => this.#factsOf(node, stage.said, stage.records)), crashedAfter: undefined }];
    stages.forEach((_, i) => ways.push(...this.#torn(local, stages.slice(0, i + 1), broken)));
    return ways;
  }

  /** The node crashes in the last of these stages, with less on its disk than it was to write. */
  #torn({ node, life, disk }: Local, stages: readonly Stage[], broken: string | undefined): readonly Outcome[] {
    const done = stages.slice(0, -1);
    const last = stages.at(-1) as Stage;
    const durable = done.flatMap(({ records }) => records);
    return last.records.map((_, kept) => {
      const part = last.records.slice(0, kept);
      return {
        to: this.#down(node, life, compact([...disk, ...durable, ...part]), broken),
        facts: [...done.flatMap((stage) => this.#factsOf(node, stage.said, stage.records)), ...this.#factsOf(node, last.said, part)],
        crashedAfter: durable.length + kept,
      };
    });
  }

  #start(node: NodeId, life: number, records: readonly WalRecord[]): number {
    const replica = createReplica(configOf(this.scope, node, life), { records }, 0);
    const forgot = compareBallots(replica.promised, highestBallot(records)) < 0 ? `Promises: node ${node} has forgotten at its start what it had promised` : undefined;
    return this.#up(node, life, { records, inputs: [] }, records, replica, this.#internal(forgot));
  }

  #up(node: NodeId, life: number, start: NonNullable<Local['start']>, disk: readonly WalRecord[], replica: ReplicaState, before: string | undefined): number {
    const { role, log } = replica;
    const wrong = brokenByNode(replica);
    const broken = wrong.outcome ?? before ?? this.#internal(wrong.internal);
    // What a leader remembers of requests that were passed on to it cannot be read: those that came tell as much.
    const forwards = start.inputs.flatMap((input) => (input.kind === 'message' && input.message.type === 'forward' ? [JSON.stringify([input.from, input.message])] : [])).sort();
    const applied = new Map(log.acceptedFrom(log.first).filter(({ slot }) => slot <= replica.applied).map(({ slot, command }) => [slot, JSON.stringify(command)]));
    return this.#number(JSON.stringify([node, life, disk, replicaText(replica), [...new Set(forwards)], broken]), () => ({
      node,
      life,
      start,
      disk,
      summary: replicaSummary(replica),
      own: role.kind === 'leader' || role.kind === 'candidate' ? { kind: role.kind, ballot: role.ballot } : undefined,
      chosenUpTo: log.chosenUpTo,
      stands: role.kind === 'follower' || role.kind === 'pre-candidate',
      applied,
      broken,
    }));
  }

  #down(node: NodeId, life: number, disk: readonly WalRecord[], broken: string | undefined): number {
    return this.#number(JSON.stringify([node, life, disk, broken]), () => ({ node, life, start: undefined, disk, summary: 'down', own: undefined, chosenUpTo: 0, stands: false, applied: new Map(), broken }));
  }

  #factsOf(node: NodeId, said: Stage['said'], records: readonly WalRecord[]): readonly number[] {
    const facts: number[] = [];
    for (const effect of said) {
      if (effect.kind === 'reply') {
        const { reply, requestId: request } = effect;
        if (reply.ok) facts.push(this.facts.numberOf({ kind: 'acknowledged', request }));
        else if (reply.definite && reply.code !== 'cas-mismatch') facts.push(this.facts.numberOf({ kind: 'refused', request }));
      } else if (this.#mayArrive(effect.message.type)) facts.push(this.facts.numberOf({ kind: 'sent', from: node, to: effect.to, message: effect.message }));
    }
    for (const record of records) {
      if (record.type === 'accepted') facts.push(this.facts.numberOf({ kind: 'vote', node, slot: record.slot, ballot: record.ballot, command: record.command }));
    }
    return facts;
  }

  /** Acknowledgements of heartbeats are lost: they matter to reads, leases and time-outs, and there are none. */
  #mayArrive(type: string): boolean {
    return type !== 'heartbeat-ack' && (type !== 'heartbeat' || this.scope.heartbeats);
  }

  #internal(broken: string | undefined): string | undefined {
    return this.scope.outcomesOnly ? undefined : broken;
  }

  #number(text: string, make: () => Local): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#locals.length;
      this.#locals.push(make());
      this.#numbers.set(text, number);
    }
    return number;
  }
}
