import { Agent, request } from 'node:http';
import { within, type Cluster, type Endpoint, type Exchange } from '../../src/index.js';

/** When an exchange is given up. */
export interface ExchangeLimit {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What talks HTTP with JSON bodies to nodes, one request at a time. */
export interface Exchanger extends Disposable {
  /** Never rejects. The exchange ends at its limit. */
  exchange(method: 'GET' | 'POST', endpoint: Endpoint, path: string, body: unknown, limit: ExchangeLimit): Promise<Exchange>;
}

/** Real connections, or the simulation's. `from`: who asks, for diagrams. */
export function exchangerFor(cluster: Pick<Cluster, 'exchange'>, from?: string): Exchanger {
  const exchange = cluster.exchange?.bind(cluster);
  if (exchange === undefined) return new HttpClient();
  return {
    exchange: (method, endpoint, path, body, limit) => exchange({ method, endpoint, path, body, ...limit, ...(from === undefined ? {} : { from }) }),
    [Symbol.dispose]: () => undefined,
  };
}

/** A keep-alive connection to each of several servers, for one request at a time. */
export class HttpClient implements Exchanger {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2, maxFreeSockets: 2 });

  exchange(method: 'GET' | 'POST', endpoint: Endpoint, path: string, body: unknown, limit: ExchangeLimit): Promise<Exchange> {
    const signal = within(limit.timeoutMs, ...(limit.signal === undefined ? [] : [limit.signal]));
    return new Promise((resolve) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      let connected = false;
      const call = request({ method, host: endpoint.host, port: endpoint.port, path, agent: this.#agent, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => resolve(lost(error, signal)));
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))));
      });
      call.on('socket', (socket) => {
        // A connection that was kept may have been closed by the server meanwhile: what is written to it may have arrived.
        connected = !socket.connecting;
        if (socket.connecting) socket.once('connect', () => { connected = true; });
      });
      call.on('error', (error) => resolve(connected ? lost(error, signal) : { kind: 'not-sent', message: error.message }));
      call.end(text);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function lost(error: Error, signal: AbortSignal): Exchange {
  return signal.aborted ? { kind: 'lost', code: 'timeout', message: 'no answer in time' } : { kind: 'lost', code: 'connection-lost', message: error.message };
}

function answerOf(status: number, text: string): Exchange {
  try {
    return { kind: 'answer', status, body: JSON.parse(text) as unknown };
  } catch {
    return { kind: 'lost', code: 'bad-answer', message: `status ${status} with a body that is not JSON` };
  }
}
