import type { Op } from '../../../history/op.js';
import type { TraceEvent } from '../../../history/trace.js';
import { Random } from '../../../random/random.js';
import { NS_PER_MS } from '../../../time/clock.js';
import type { MessagesInput } from '../input.js';

/** What a synthetic run is to be like. */
export interface WantedRun {
  readonly seed: number;
  /** 3 or more; 5 if left out. */
  readonly nodes?: number;
  /** Other writes, on another key, that go on all the while; 0 if left out. */
  readonly busy?: number;
  /** Another node pauses, and one is restarted, meanwhile. */
  readonly more?: boolean;
  /** Stands in every text that comes from outside. */
  readonly hostile?: string;
}

type Unplaced = Omit<Op, 'index'>;

/**
 * A run of Multi-Paxos with a bug: n1 leads; it is cut off with its client; n3 is elected and a write is chosen without n1; then n1, which still takes itself for the leader,
 * answers a read from its own state. The anomaly names that write and that read. Written down event by event: no Paxos is carried out.
 */
export function staleRead(wanted: WantedRun): MessagesInput {
  const script = new Script(wanted);
  script.elect('n1', '1.1', 4);
  script.write({ client: 0, leader: 'n1', ballot: '1.1', key: 'x', value: 3, at: 40 });
  script.isolate('n1', 200, 420);
  if (wanted.more === true) script.trouble();
  script.elect('n3', '2.3', 290);
  script.write({ client: 2, leader: 'n3', ballot: '2.3', key: 'x', value: 7, at: 330 });
  script.localRead(1, 'n1', 'x', 3, 365);
  for (let i = 0; i < (wanted.busy ?? 0); i++) script.write({ client: 10 + i, leader: i % 5 < 2 ? 'n1' : 'n3', ballot: i % 5 < 2 ? '1.1' : '2.3', key: 'y', value: i, at: i % 5 < 2 ? 60 + i * 1.5 : 320 + i * 0.9 });
  script.beat('n1', 20, 420);
  script.beat('n3', 310, 470);
  return script.end();
}

class Script {
  readonly #trace: TraceEvent[] = [];
  readonly #ops: Unplaced[] = [];
  readonly #random: Random;
  readonly #nodes: readonly string[];
  readonly #hostile: string;
  #cut: { readonly node: string; readonly from: number; readonly to: number } | undefined;
  #slot = 0;

  constructor({ seed, nodes = 5, hostile = '' }: WantedRun) {
    this.#random = Random.fromSeed(seed);
    this.#nodes = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    this.#hostile = hostile;
    for (const node of this.#nodes) this.#state(node, 'role', 'follower', 0);
  }

  elect(node: string, ballot: string, at: number): void {
    this.#state(node, 'role', 'candidate', at);
    const back = this.#others(node).flatMap((other) => {
      const asked = this.#send(node, other, at, 'prepare', ballot);
      if (asked === undefined) return [];
      this.#note(other, asked, `promised ${ballot}`);
      return this.#send(other, node, asked, 'promise', `${ballot}, nothing after slot ${this.#slot}`) ?? [];
    });
    this.#state(node, 'role', 'leader', this.#majority(back));
  }

  write({ client, leader, ballot, key, value, at }: { readonly client: number; readonly leader: string; readonly ballot: string; readonly key: string; readonly value: number; readonly at: number }): void {
    const call = { process: client, f: 'write', key, value: this.#hostile === '' ? value : `${this.#hostile}${value}`, node: leader };
    const what = `write ${key} ${value}`;
    const asked = this.#send(String(client), leader, at, 'request', what) ?? at;
    const slot = ++this.#slot;
    const acks = this.#others(leader).flatMap((other) => {
      const came = this.#send(leader, other, asked, 'accept', `${ballot} slot ${slot} = ${what}`);
      return came === undefined ? [] : (this.#send(other, leader, came, 'accepted', `${ballot} slot ${slot}`) ?? []);
    });
    const chosen = this.#majority(acks);
    this.#note(leader, chosen, `chosen: slot ${slot} = ${what}`);
    const answered = this.#send(leader, String(client), chosen, 'reply', 'ok') ?? chosen;
    for (const other of this.#others(leader)) this.#send(leader, other, chosen, 'decide', `slot ${slot}`);
    this.#op({ ...call, type: 'invoke' }, at);
    this.#op({ ...call, type: 'ok' }, answered);
  }

  localRead(client: number, node: string, key: string, value: number, at: number): void {
    const asked = this.#send(String(client), node, at, 'request', `read ${key}`) ?? at;
    this.#note(node, asked, `answers from its own state: ${key} = ${value}`);
    const answered = this.#send(node, String(client), asked, 'reply', String(value)) ?? asked;
    this.#op({ process: client, f: 'read', key, value: null, node, type: 'invoke' }, at);
    this.#op({ process: client, f: 'read', key, value: this.#hostile === '' ? value : this.#hostile, node, type: 'ok' }, answered);
  }

  isolate(node: string, from: number, to: number): void {
    this.#cut = { node, from, to };
    const others = this.#others(node);
    const value = { kind: this.#hostile === '' ? 'isolate-leader' : this.#hostile, targets: [node], grudge: { [node]: others, ...Object.fromEntries(others.map((other) => [other, [node]])) } };
    this.#fault('partition', value, from, to);
  }

  /** n4 is paused for a while; the last node is killed and started again. */
  trouble(): void {
    this.#state('n4', 'process', 'paused', 210);
    this.#state('n4', 'process', 'running', 250);
    this.#fault('pause', { kind: 'one', targets: ['n4'] }, 210, 250);
    const last = this.#nodes.at(-1) ?? 'n1';
    this.#state(last, 'process', 'stopped', 345);
    this.#state(last, 'process', 'running', 360);
    this.#state(last, 'role', 'follower', 360);
    this.#trace.push({ kind: 'message', from: 'n3', to: last, sentNs: 350 * NS_PER_MS, lost: 'down', sort: 'accept', detail: '2.3 slot 2 again' });
  }

  beat(leader: string, from: number, to: number): void {
    for (let at = from; at < to; at += 20) for (const other of this.#others(leader)) this.#send(leader, other, at, 'heartbeat', undefined, true);
  }

  end(): MessagesInput {
    const ops = [...this.#ops].sort((a, b) => a.time - b.time).map((op, index): Op => ({ index, ...op }));
    const write = ops.filter(({ process }) => process === 2);
    const read = ops.filter(({ process }) => process === 1);
    const message = `read 3 (#${read[0]?.index}, process 1) saw a value that write 7 (#${write[0]?.index}, process 2) had replaced: that had ended at #${write[1]?.index}, before it began.${this.#hostile}`;
    return { trace: this.#trace, ops, nodes: this.#nodes, anomalies: [{ kind: 'stale-read', message, ops: [...write, ...read].map(({ index }) => index), key: 'x' }] };
  }

  #send(from: string, to: string, at: number, sort: string, detail?: string, routine?: true): number | undefined {
    const sent = Math.round(at * NS_PER_MS);
    const isCut = this.#cut !== undefined && at >= this.#cut.from && at < this.#cut.to && [from, to].includes(this.#cut.node) && this.#nodes.includes(from) && this.#nodes.includes(to);
    const took = 0.4 + this.#random.exponential(0.9);
    const arrives = at + took;
    this.#trace.push({
      kind: 'message', from, to, sentNs: sent, sort,
      ...(isCut ? { lost: 'cut' } : { arrivedNs: Math.round(arrives * NS_PER_MS) }),
      ...(detail === undefined ? {} : { detail: `${detail}${this.#hostile}` }),
      ...(routine === undefined ? {} : { routine }),
    });
    return isCut ? undefined : arrives;
  }

  #majority(times: readonly number[]): number {
    return [...times].sort((a, b) => a - b)[Math.floor(this.#nodes.length / 2) - 1] ?? 0;
  }

  #others(node: string): readonly string[] {
    return this.#nodes.filter((other) => other !== node);
  }

  #state(node: string, aspect: 'process' | 'role', value: string, at: number): void {
    this.#trace.push({ kind: 'state', node, atNs: Math.round(at * NS_PER_MS), aspect, value });
  }

  #note(node: string, at: number, text: string): void {
    this.#trace.push({ kind: 'note', node, atNs: Math.round(at * NS_PER_MS), text: `${text}${this.#hostile}` });
  }

  #op(op: Omit<Unplaced, 'time'>, at: number): void {
    this.#ops.push({ ...op, time: Math.round(at * NS_PER_MS) });
  }

  #fault(nemesis: string, value: Readonly<Record<string, unknown>>, from: number, to: number): void {
    for (const [f, at] of [['start', from], ['stop', to]] as const) {
      for (const type of ['invoke', 'info'] as const) this.#op({ process: `nemesis/${nemesis}`, f, type, value }, at);
    }
  }
}
