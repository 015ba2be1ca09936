import { z } from 'zod';
import { FaultlineError, waitUntil, type Client, type Node, type Outcome, type Run, type System } from '../../src/index.js';
import { exchangerFor, type Exchanger, type ExchangeLimit } from '../paxos/http-client.js';
import { COPY, powerLoss } from '../paxos/power-loss.js';
import { pieceName, piecesAmong } from '../paxos/server/files.js';
import { SYNOD_BUGS } from './core/index.js';
import { synodOptions } from './options.js';
import { synodSimulation } from './simulate/index.js';

const statusSchema = z.object({ incarnation: z.number(), decisions: z.number(), wallMs: z.number(), counters: z.record(z.string(), z.number()) });
const answerSchema = z.object({ value: z.unknown() });
const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string(), definite: z.boolean() }) });

/** Nobody waits longer for a status, milliseconds. */
const STATUS_MS = 5000;
/** The call's own deadline ends it long before. */
const CALL_MS = 60_000;

/** The smallest target: Paxos Made Simple alone. Every key is decided once, without leader and log. */
export const synodSystem: System = {
  name: 'synod',
  description: 'Single-decree Paxos (Paxos Made Simple) alone: every key is decided once; no leader, no log, any node proposes.',
  ports: ['client', 'peer'],
  peerPorts: ['peer'],
  options: synodOptions,
  bugs: SYNOD_BUGS,
  workloads: ['consensus'],
  capabilities: ['power-loss'],
  appendOnlyFiles: (files) => piecesAmong(files).slice(-1).map(pieceName),
  powerLoss,
  simulate: synodSimulation,
  install: async (node, run) => {
    const { exitCode, stderr } = await node.exec([...program(node), 'init', ...owner(node, run)]);
    if (exitCode !== 0) throw new FaultlineError('node-init', `${node.name} cannot be initialised (exit code ${exitCode}): ${stderr.trim()}`);
  },
  start: async (node, run) => node.start({ argv: commandOf(node, run), logFile: 'synod.log' }),
  ready: async (node, run, signal) => {
    await waitUntil(`${node.name} to answer`, () => statusOf(node, run, { timeoutMs: 1000, signal }), { clock: run.clock, timeoutMs: 30_000, intervalMs: 25, signal });
  },
  status: async (node, run, signal) => {
    const status = await statusOf(node, run, { timeoutMs: STATUS_MS, signal });
    return status === undefined ? undefined : { role: 'proposer', life: String(status.incarnation), gauges: { decisions: status.decisions }, counters: status.counters, wallMs: status.wallMs };
  },
  client: { open: async ({ node, process }, run) => new SynodClient(node, exchangerFor(run.cluster, String(process))) },
};

function program(node: Node): readonly [string, ...string[]] {
  return node.javascript(new URL('./synod-server/main.js', import.meta.url));
}

function owner(node: Node, run: Run): readonly string[] {
  return ['--id', String(node.index + 1), '--cluster', run.id, '--data', node.dataDir];
}

function commandOf(node: Node, run: Run): [string, ...string[]] {
  const { retryMs, requestTimeoutMs, bugs } = synodOptions.parse(run.systemOptions);
  const address = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`;
  const others = run.cluster.nodes.filter((other) => other !== node);
  return [
    ...program(node),
    ...owner(node, run),
    ...(run.needs.includes('power-loss') && run.cluster.powerCut === undefined ? ['--durable-copy', `${node.dataDir}/${COPY}`] : []),
    ...['--client', address(node.listen('client')), '--peer', address(node.listen('peer'))],
    ...['--peers', others.map((other) => `${other.index + 1}=${address(node.peer(other.name, 'peer'))}`).join(',')],
    ...['--retry-ms', String(retryMs), '--request-timeout-ms', String(requestTimeoutMs), '--exit-with-stdin'],
    ...bugs.flatMap((bug) => ['--bug', bug]),
  ];
}

async function statusOf(node: Node, run: Run, limit: ExchangeLimit): Promise<z.infer<typeof statusSchema> | undefined> {
  using http = exchangerFor(run.cluster);
  const exchange = await http.exchange('GET', node.endpoint('client'), '/status', undefined, limit);
  return exchange.kind === 'answer' ? statusSchema.safeParse(exchange.body).data : undefined;
}

/** Proposes at one node, once: what is lost sight of may be decided or not. */
class SynodClient implements Client {
  readonly #node: Node;
  readonly #http: Exchanger;

  constructor(node: Node, http: Exchanger) {
    this.#node = node;
    this.#http = http;
  }

  async invoke({ key, value }: Parameters<Client['invoke']>[0], signal: AbortSignal): Promise<Outcome> {
    const exchange = await this.#http.exchange('POST', this.#node.endpoint('client'), `/decide/${encodeURIComponent(String(key))}`, value, { timeoutMs: CALL_MS, signal });
    if (exchange.kind === 'not-sent') return { type: 'fail', error: { code: 'connection-refused', message: exchange.message } };
    if (exchange.kind === 'lost') return { type: 'info', error: { code: exchange.code, message: exchange.message } };
    const answer = exchange.status === 200 ? answerSchema.safeParse(exchange.body) : undefined;
    if (answer?.success === true) return { type: 'ok', value: answer.data.value };
    const refusal = refusalSchema.safeParse(exchange.body);
    if (!refusal.success) return { type: 'info', error: { code: 'bad-answer', message: `status ${exchange.status} with an unknown body` } };
    const { code, message, definite } = refusal.data.error;
    return { type: definite ? 'fail' : 'info', error: { code, message } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http[Symbol.dispose]();
  }
}
