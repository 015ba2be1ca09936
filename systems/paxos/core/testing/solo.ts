import { createReplica, step, type CoreConfig, type Effect, type Member, type Message, type NodeId, type Reply, type Recovered, type ReplicaState, type Request, type WalRecord } from '../index.js';

/** A message that a replica sent. */
export interface Sent<M extends Message = Message> {
  readonly to: NodeId;
  readonly message: M;
}

/** Configuration of node 1 in tests that drive one replica by hand. */
export function soloConfig(changes: Partial<CoreConfig> = {}): CoreConfig {
  return {
    self: 1,
    nodes: [1, 2, 3],
    q1: 2,
    q2: 2,
    heartbeatMs: 20,
    electionTimeoutMs: 200,
    requestTimeoutMs: 1000,
    leaseMs: 150,
    clockErrorRate: 0.02,
    stableLeader: true,
    snapshotEvery: 0,
    reads: 'log',
    maxInFlight: 100,
    maxPipeline: 64,
    seed: 7,
    bugs: new Set(),
    ...changes,
  };
}

/** One replica whose peers and disk are played by the test. Every call ends with a flush. */
export class Solo {
  readonly state: ReplicaState;
  readonly sent: Sent[] = [];
  readonly written: WalRecord[] = [];
  readonly replies = new Map<number, Reply>();
  /** Where in `written` a checkpoint begins. */
  readonly checkpoints: number[] = [];
  readonly reached: Member[] = [];
  readonly saving: string[] = [];
  /** The snapshot that was given to the disk, and is not durable yet. */
  given: NonNullable<Recovered['snapshot']> | undefined;
  now = 0;
  #lsn = 0;
  #requests = 0;

  constructor(changes: Partial<CoreConfig> = {}, records: readonly WalRecord[] = [], snapshot?: NonNullable<Recovered['snapshot']>) {
    this.state = createReplica(soloConfig(changes), snapshot === undefined ? { records } : { records, snapshot }, 0);
  }

  receive(from: NodeId, message: Message): void {
    this.#take(step(this.state, { kind: 'message', now: this.now, from, message }));
    this.#flush();
  }

  request(request: Request): number {
    const requestId = ++this.#requests;
    this.#take(step(this.state, { kind: 'request', now: this.now, requestId, request }));
    this.#flush();
    return requestId;
  }

  /** Moves time in small steps, as a host does. */
  wait(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + 5);
      this.#take(step(this.state, { kind: 'tick', now: this.now }));
    }
  }

  /** Moves time at once, as for a process that was stopped. */
  stall(ms: number): void {
    this.now += ms;
    this.#take(step(this.state, { kind: 'tick', now: this.now }));
  }

  /** Everything written so far becomes durable. */
  sync(): void {
    this.#take(step(this.state, { kind: 'persisted', now: this.now, upTo: this.#lsn }));
    this.#flush();
  }

  /** The snapshot that was given becomes durable. */
  saved(): NonNullable<Recovered['snapshot']> {
    const { given } = this;
    if (given === undefined) throw new Error('no snapshot was given');
    this.given = undefined;
    this.#take(step(this.state, { kind: 'snapshot-saved', now: this.now, slot: given.slot }));
    this.#flush();
    return given;
  }

  /** Messages of a type sent since the last call for that type. */
  take<T extends Message['type']>(type: T): Sent<Extract<Message, { type: T }>>[] {
    const found = this.sent.filter((sent): sent is Sent<Extract<Message, { type: T }>> => sent.message.type === type);
    this.sent.splice(0, this.sent.length, ...this.sent.filter(({ message }) => message.type !== type));
    return found;
  }

  /** Goes through pre-vote (if there is one) and own promise until the prepare is out; gives its ballot. */
  campaign(): { readonly round: number; readonly node: NodeId } {
    this.wait(401);
    const asked = this.take('pre-vote').at(-1);
    if (asked !== undefined) for (const peer of this.state.peers) this.receive(peer, { type: 'pre-vote-reply', attempt: asked.message.attempt, granted: true, promised: { round: 0, node: 0 } });
    this.sync();
    const prepare = this.take('prepare').at(-1);
    if (prepare === undefined) throw new Error('no prepare');
    return prepare.message.ballot;
  }

  /** Leads with an empty log, the barrier chosen by node 2 and itself; gives the ballot. */
  lead(): { readonly round: number; readonly node: NodeId } {
    const ballot = this.campaign();
    this.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
    this.receive(2, { type: 'accepted', ballot, slots: [[1, 1]] });
    this.sync();
    this.sent.length = 0;
    return ballot;
  }

  #flush(): void {
    this.#take(step(this.state, { kind: 'flush', now: this.now }));
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.sent.push({ to: effect.to, message: effect.message });
      else if (effect.kind === 'reply') this.replies.set(effect.requestId, effect.reply);
      else if (effect.kind === 'persist') {
        if (effect.checkpoint === true) this.checkpoints.push(this.written.length);
        this.#lsn = effect.lsn;
        this.written.push(...effect.records);
      } else if (effect.kind === 'reach') this.reached.push(...effect.members);
      else {
        this.saving.push(...effect.parts);
        if (effect.last) this.given = { slot: effect.slot, parts: this.saving.splice(0) };
      }
    }
  }
}
