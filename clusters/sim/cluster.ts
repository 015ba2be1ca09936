import { FaultlineError, type Capability, type Cluster, type Endpoint, type Exchange, type ExchangeRequest, type Moment, type Random, type TraceEvent, type UnexpectedExit } from '../../src/index.js';
import type { SimClock } from './clock.js';
import type { SimNetwork } from './network.js';
import type { SimNode } from './node.js';

export interface SimClusterParts {
  readonly nodes: readonly SimNode[];
  readonly net: SimNetwork;
  readonly clock: SimClock;
  /** The list that the nodes report to. */
  readonly exits: readonly UnexpectedExit[];
  /** Of the way between a client and a node, milliseconds. */
  readonly clientMs: readonly [number, number];
  /** Uniform in [0, 1). */
  readonly draw: () => number;
  readonly trace?: (event: TraceEvent) => void;
  /** See Cluster.lost. */
  readonly lost: AbortSignal;
}

/** Everything but what systems do for themselves. */
export const SIM_CAPABILITIES: readonly Capability[] = ['links', 'link-delay', 'link-bandwidth', 'link-loss', 'link-duplicate', 'link-reorder', 'kill', 'terminate', 'pause', 'out-of-memory', 'clock', 'disk-damage', 'full-disk', 'slow-disk', 'power-loss'];

/** Simulated nodes in virtual time. */
export class SimCluster implements Cluster {
  readonly provider = 'sim';
  readonly nodes: readonly SimNode[];
  readonly net: SimNetwork;
  readonly lost: AbortSignal;
  readonly #parts: SimClusterParts;

  constructor(parts: SimClusterParts) {
    this.#parts = parts;
    this.nodes = parts.nodes;
    this.net = parts.net;
    this.lost = parts.lost;
  }

  supports(capability: Capability): boolean {
    return SIM_CAPABILITIES.includes(capability);
  }

  unexpectedExits(): readonly UnexpectedExit[] {
    return [...this.#parts.exits];
  }

  powerCut({ name }: { readonly name: string }): Promise<string> {
    return this.#node(name).powerCut();
  }

  moment(random: Random, patienceMs: number, signal: AbortSignal): Promise<Moment | undefined> {
    return this.net.moments.next(random, patienceMs, signal);
  }

  /** A request of a client: there, in the program, and back. What the program does not live to answer is lost. */
  exchange({ endpoint, method, path, body, timeoutMs, signal, from = 'client' }: ExchangeRequest): Promise<Exchange> {
    const { clock, trace } = this.#parts;
    const node = this.#node(endpoint.host);
    const sentNs = clock.now();
    return new Promise((resolve) => {
      let open = true;
      let forget: (() => void) | undefined;
      const end = (exchange: Exchange): void => {
        if (!open) return;
        open = false;
        deadline.run = undefined;
        forget?.();
        signal?.removeEventListener('abort', late);
        resolve(exchange);
        clock.stir();
      };
      const late = (): void => end({ kind: 'lost', code: 'timeout', message: 'no answer in time' });
      const deadline = clock.in(timeoutMs, late, 'plain');
      if (signal?.aborted === true) return late();
      signal?.addEventListener('abort', late, { once: true });
      clock.in(this.#wayMs(), () => {
        const program = node.program;
        const serves = program?.serves === true;
        trace?.({ kind: 'message', from, to: node.name, sentNs, ...(serves ? { arrivedNs: clock.now() } : { lost: 'down' }), sort: method === 'GET' ? 'status' : 'request', detail: `${path} ${wordsOf(body)}`, ...(method === 'GET' ? { routine: true } : {}) });
        if (program === undefined || !serves) return end({ kind: 'not-sent', message: `connection refused: ${node.name} is down` });
        forget = program.onceOver(() => void clock.in(this.#wayMs(), () => end({ kind: 'lost', code: 'connection-lost', message: 'the connection was closed' }), 'plain'));
        program.request({ method, path, body }, (answer) => {
          const answeredNs = clock.now();
          clock.in(this.#wayMs(), () => {
            trace?.({ kind: 'message', from: node.name, to: from, sentNs: answeredNs, ...(open ? { arrivedNs: clock.now() } : { lost: 'late' }), sort: 'answer', detail: `${answer.status === 200 ? '' : `${answer.status} `}${method === 'GET' ? '' : wordsOf(answer.body)}`, ...(method === 'GET' ? { routine: true } : {}) });
            end({ kind: 'answer', ...answer });
          }, 'plain');
        });
      }, 'plain');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) node.dispose();
    this.#parts.clock.stop();
  }

  #wayMs(): number {
    const [low, high] = this.#parts.clientMs;
    return low + (high - low) * this.#parts.draw();
  }

  #node(name: Endpoint['host']): SimNode {
    const node = this.nodes.find((each) => each.name === name);
    if (node === undefined) throw new FaultlineError('no-such-node', `there is no node "${name}" in this simulation`);
    return node;
  }
}

function wordsOf(body: unknown): string {
  const text = JSON.stringify(body) ?? '';
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
