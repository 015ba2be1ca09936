import type { Json, NodeId, Operation, ReadMode, Reply, Request, SessionRef } from '../index.js';
import type { CoreRandom } from '../random.js';
import type { SimCluster } from './sim-cluster.js';

/** One operation as its client saw it. Times order all events of a history; `info` never completes. */
export interface HistoryOp {
  readonly client: number;
  readonly op: Operation;
  readonly invoked: number;
  completed: number;
  outcome: 'ok' | 'fail' | 'info';
  value: Json;
  /** With a session: which command it was. */
  readonly session?: SessionRef;
  /** The last reply, if one came. */
  reply?: Reply;
}

/** Orders the events of a history, finer than virtual time. */
export interface Order {
  next: number;
}

/** How a client behaves. */
export interface ClientOptions {
  readonly id: number;
  readonly home: NodeId;
  /** Whether it uses a session and sends again, to another node perhaps, what got no definite reply. */
  readonly retries: number;
  readonly timeoutMs: number;
  readonly pauseMs: number;
  /** Undefined: as the node is configured. */
  readonly via: ReadMode | undefined;
  readonly nextOp: (random: CoreRandom) => Operation;
  /** When it stops, in virtual ms. */
  readonly untilMs: number;
}

/** A client that has one operation at a time, and writes down what it sees. */
export class SimClient {
  readonly #cluster: SimCluster;
  readonly #options: ClientOptions;
  readonly #history: HistoryOp[];
  readonly #order: Order;
  #session: number | undefined;
  #seq = 0;
  #firstUnacked = 1;

  constructor(cluster: SimCluster, history: HistoryOp[], order: Order, options: ClientOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#history = history;
    this.#order = order;
    this.#later(() => this.#next());
  }

  #next(): void {
    if (this.#cluster.now >= this.#options.untilMs) return;
    if (this.#options.retries > 0 && this.#session === undefined) {
      this.#ask(this.#home, { kind: 'open-session' }, (reply) => {
        if (reply?.ok === true) {
          this.#session = Number(reply.value);
          this.#seq = 0;
          this.#firstUnacked = 1;
        }
        this.#later(() => this.#next());
      });
      return;
    }
    this.#invoke(this.#options.nextOp(this.#cluster.random));
  }

  /** Its node, or another if that was taken away. */
  get #home(): NodeId {
    const { ids } = this.#cluster;
    return ids.includes(this.#options.home) ? this.#options.home : (ids[this.#options.id % ids.length] as NodeId);
  }

  #invoke(op: Operation): void {
    const session =
      this.#session === undefined ? {} : { session: { id: this.#session, seq: ++this.#seq, firstUnacked: this.#firstUnacked } };
    const entry: HistoryOp = {
      client: this.#options.id,
      op,
      invoked: this.#order.next++,
      completed: Infinity,
      outcome: 'info',
      value: null,
      ...session,
    };
    this.#history.push(entry);
    this.#attempt(entry, { kind: 'operation', op, ...session, ...(this.#options.via === undefined ? {} : { via: this.#options.via }) }, this.#home, this.#options.retries);
  }

  #attempt(entry: HistoryOp, request: Request, node: NodeId, retriesLeft: number): void {
    this.#ask(node, request, (reply) => {
      if (reply?.ok === true) return this.#complete(entry, reply, 'ok');
      const first = retriesLeft === this.#options.retries;
      if (reply?.definite === true && (first || reply.code === 'cas-mismatch')) return this.#complete(entry, reply, 'fail');
      if (retriesLeft > 0) {
        const other = this.#cluster.ids[Math.floor(this.#cluster.random.float() * this.#cluster.ids.length)] as NodeId;
        return this.#later(() => this.#attempt(entry, request, other, retriesLeft - 1));
      }
      if (reply !== undefined) entry.reply = reply;
      this.#session = undefined;
      this.#later(() => this.#next());
    });
  }

  #complete(entry: HistoryOp, reply: Reply, outcome: 'ok' | 'fail'): void {
    entry.completed = this.#order.next++;
    entry.outcome = outcome;
    entry.reply = reply;
    if (reply.ok) entry.value = reply.value;
    else if (reply.code === 'session-expired') this.#session = undefined;
    if (entry.session !== undefined) this.#firstUnacked = entry.session.seq + 1;
    this.#later(() => this.#next());
  }

  /** Gives undefined when the reply does not come in time. */
  #ask(node: NodeId, request: Request, onReply: (reply: Reply | undefined) => void): void {
    let answered = false;
    const once = (reply: Reply | undefined): void => {
      if (answered) return;
      answered = true;
      onReply(reply);
    };
    this.#cluster.request(node, request, once);
    this.#cluster.queue.at(this.#cluster.now + this.#options.timeoutMs, () => once(undefined));
  }

  #later(run: () => void): void {
    const { pauseMs } = this.#options;
    this.#cluster.queue.at(this.#cluster.now + this.#cluster.random.between(0, 2 * pauseMs), run);
  }
}
