import { parseArgs } from 'node:util';
import { z } from 'zod';
import { configProblem, CORE_BUGS, READ_MODES, type CoreConfig, type NodeId } from '../core/index.js';
import { PAXOS_BUGS } from './bugs.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import type { LogLevel } from './log.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the program was told. */
export interface ServerOptions {
  readonly id: NodeId;
  readonly cluster: string;
  readonly client: Address;
  readonly peer: Address;
  /** The others, as this node reaches them. */
  readonly peers: ReadonlyMap<NodeId, Address>;
  /** Names for addresses: where this node reaches what the others may reach elsewhere. */
  readonly places: ReadonlyMap<string, Address>;
  readonly data: string;
  /** Where to keep what a power failure would leave of the data, or undefined. */
  readonly durableCopy: string | undefined;
  readonly logLevel: LogLevel;
  readonly sync: boolean;
  readonly exitWithStdin: boolean;
  /** All that are switched on; those of the core stand in its configuration too. */
  readonly bugs: readonly string[];
  readonly core: Omit<CoreConfig, 'seed'>;
}

const FLAGS = {
  id: { type: 'string' },
  cluster: { type: 'string', default: 'paxos' },
  client: { type: 'string' },
  peer: { type: 'string' },
  peers: { type: 'string', default: '' },
  places: { type: 'string', default: '' },
  voters: { type: 'string' },
  data: { type: 'string' },
  'durable-copy': { type: 'string' },
  q1: { type: 'string' },
  q2: { type: 'string' },
  reads: { type: 'string', default: 'log' },
  'lease-ms': { type: 'string' },
  'clock-error': { type: 'string', default: '0.01' },
  'heartbeat-ms': { type: 'string', default: '50' },
  'election-timeout-ms': { type: 'string', default: '500' },
  'request-timeout-ms': { type: 'string', default: '1000' },
  'max-in-flight': { type: 'string', default: '4096' },
  'max-pipeline': { type: 'string', default: '256' },
  'snapshot-every': { type: 'string', default: '10000' },
  bug: { type: 'string', multiple: true, default: [] as string[] },
  'log-level': { type: 'string', default: 'info' },
  'no-stable-leader': { type: 'boolean', default: false },
  'no-sync': { type: 'boolean', default: false },
  'exit-with-stdin': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const USAGE = `usage: paxos-server --client HOST:PORT --peer HOST:PORT --peers ID=HOST:PORT,... --data DIR
       paxos-server init --id N [--cluster NAME] --data DIR     makes the folder of a new node, once
  --id N                    this node's number, from 1; where it starts it is taken from --data if left out
  --cluster NAME            only nodes of the same cluster talk to each other (paxos)
  --client HOST:PORT        where clients speak HTTP to this node
  --peer HOST:PORT          where the other nodes connect to
  --peers ID=HOST:PORT,...  the other nodes (HOST:PORT, or the name of a place); none: a cluster of one
  --places NAME=HOST:PORT,...  names that may stand for addresses, also of members that are added later
  --voters N,N,...          the members at first, the same for all nodes (this node and --peers); one that is not among them has to be added by POST /members
  --data DIR                this node's disk
  --q1 N, --q2 N            quorums of phase 1 and phase 2 (majorities); q1 + q2 must be more than the number of nodes
  --reads log|read-index|lease|quorum|stale    how reads are served that do not say (log)
  --lease-ms N              a leader's lease: so long nobody else can be elected (the election timeout; 0: none, reads by lease are by read-index)
  --clock-error R           by how much the rate of a node's clock may be wrong (0.01)
  --heartbeat-ms N (50)  --election-timeout-ms N (500)  --request-timeout-ms N (1000)
  --max-in-flight N (4096)  --max-pipeline N (256)
  --snapshot-every N        a snapshot is taken, and the log shortened, every so many slots (10000; 0: never)
  --no-stable-leader        every node that has requests stands for election: proposers duel
  --bug NAME                switches a bug on, for testing testers; repeatable
  --log-level debug|info|warn|error (info)
  --durable-copy DIR        keeps there what a power failure would leave of the data, for testing testers
  --no-sync                 no fsync: for measurements only, loses acknowledged writes at a power failure
  --exit-with-stdin         ends when standard input does
`;

const whole = z.string().regex(/^\d+$/).transform(Number);
const address = z.string().regex(/^.+:\d{1,5}$/).transform((text): Address => {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
});
const schema = z.object({
  id: whole.optional(),
  cluster: z.string().min(1),
  client: address,
  peer: address,
  data: z.string().min(1),
  'durable-copy': z.string().min(1).optional(),
  q1: whole.optional(),
  q2: whole.optional(),
  reads: z.enum(READ_MODES),
  'lease-ms': whole.optional(),
  'clock-error': z.string().regex(/^0(\.\d+)?$/).transform(Number),
  'heartbeat-ms': whole,
  'election-timeout-ms': whole,
  'request-timeout-ms': whole,
  'max-in-flight': whole,
  'max-pipeline': whole,
  'snapshot-every': whole,
  bug: z.array(z.enum(PAXOS_BUGS.map(({ name }) => name))),
  'log-level': z.enum(['debug', 'info', 'warn', 'error']),
});

/** Reads the command line; 'help' if that was asked for. `nodeIn` tells whose data a folder holds. Throws ServerError (usage) that names the flag. */
export function parseOptions(argv: readonly string[], nodeIn: (data: string) => NodeId): ServerOptions | 'help' {
  const values = flagsOf(argv);
  if (values.help === true) return 'help';
  const options = parsed(schema, values);
  const id = options.id ?? nodeIn(options.data);
  const places = parsePlaces(values.places ?? '');
  const peers = parsePeers(values.peers ?? '', places);
  const nodes = (values.voters === undefined ? [id, ...peers.keys()] : parseVoters(values.voters)).sort((a, b) => a - b);
  const majority = Math.floor(nodes.length / 2) + 1;
  const core = {
    self: id,
    nodes,
    q1: options.q1 ?? majority,
    q2: options.q2 ?? majority,
    heartbeatMs: options['heartbeat-ms'],
    electionTimeoutMs: options['election-timeout-ms'],
    requestTimeoutMs: options['request-timeout-ms'],
    leaseMs: options['lease-ms'] ?? options['election-timeout-ms'],
    clockErrorRate: options['clock-error'],
    stableLeader: values['no-stable-leader'] !== true,
    reads: options.reads,
    maxInFlight: options['max-in-flight'],
    maxPipeline: options['max-pipeline'],
    snapshotEvery: options['snapshot-every'],
    bugs: new Set<string>(options.bug.filter((bug) => CORE_BUGS.some(({ name }) => name === bug))),
  };
  const problem = configProblem({ ...core, seed: 0 });
  if (problem !== undefined) throw new ServerError(SERVER_EXIT.usage, problem);
  const { cluster, client, peer, data } = options;
  const sync = values['no-sync'] !== true && !options.bug.includes('skip-fsync');
  return { id, cluster, client, peer, peers, places, data, durableCopy: options['durable-copy'], logLevel: options['log-level'], sync, exitWithStdin: values['exit-with-stdin'] === true, bugs: options.bug, core };
}

/** Reads what follows `init`. Throws ServerError (usage). */
export function parseInit(argv: readonly string[]): { readonly id: number; readonly cluster: string; readonly data: string } {
  return parsed(schema.pick({ cluster: true, data: true }).extend({ id: whole }), flagsOf(argv));
}

function parsed<T>(shape: z.ZodType<T>, values: ReturnType<typeof flagsOf>): T {
  const result = shape.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const flag = `--${String(issue?.path[0] ?? '')}`;
  const given = values[String(issue?.path[0]) as keyof typeof values];
  throw new ServerError(SERVER_EXIT.usage, given === undefined ? `${flag} is missing (--help shows all options)` : `${flag}: "${String(given)}" will not do: ${issue?.message ?? ''} (--help shows all options)`);
}

function flagsOf(argv: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'] {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ServerError(SERVER_EXIT.usage, (error as Error).message);
  }
}

/** Where a member is: HOST:PORT, or the name of a place. Undefined: neither. */
export function addressOf(at: string, places: ReadonlyMap<string, Address>): Address | undefined {
  const match = /^(.+):(\d{1,5})$/.exec(at);
  return places.get(at) ?? (match === null ? undefined : { host: match[1] ?? '', port: Number(match[2]) });
}

function parsePeers(text: string, places: ReadonlyMap<string, Address>): ReadonlyMap<NodeId, Address> {
  return new Map(
    pairsOf(text).map(([id, at]) => {
      const address = at === undefined ? undefined : addressOf(at, places);
      if (address === undefined || !/^[1-9]\d*$/.test(id)) throw new ServerError(SERVER_EXIT.usage, `--peers: "${id}${at === undefined ? '' : `=${at}`}" is not ID=HOST:PORT, nor ID=NAME with a name of --places`);
      return [Number(id), address];
    }),
  );
}

function parsePlaces(text: string): ReadonlyMap<string, Address> {
  return new Map(
    pairsOf(text).map(([name, at]) => {
      const address = at === undefined ? undefined : addressOf(at, new Map());
      if (address === undefined || name === '') throw new ServerError(SERVER_EXIT.usage, `--places: "${name}${at === undefined ? '' : `=${at}`}" is not NAME=HOST:PORT`);
      return [name, address];
    }),
  );
}

function parseVoters(text: string): NodeId[] {
  const ids = text.split(',');
  const wrong = ids.find((id) => !/^[1-9]\d*$/.test(id));
  if (wrong !== undefined) throw new ServerError(SERVER_EXIT.usage, `--voters: "${wrong}" is no node's number`);
  return ids.map(Number);
}

/** The parts of a list with commas, each at its first equals sign. */
function pairsOf(text: string): readonly (readonly [name: string, value: string | undefined])[] {
  return text.split(',').filter((each) => each !== '').map((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [part, undefined] : [part.slice(0, at), part.slice(at + 1)];
  });
}
