import { duration, flag, integer, list, nonNegative, oneOf, text, usageError, type OptionSpec, type OptionValues } from './option-spec.js';

function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

/** `10`, or `2n` for twice the number of nodes. */
export interface Concurrency {
  readonly count: number;
  readonly perNode: boolean;
}

function concurrency(value: string, source: string): Concurrency {
  const match = /^(\d+)(n?)$/.exec(value.trim());
  const count = Number(match?.[1] ?? 0);
  if (match === null || count < 1 || count > 10_000) {
    throw usageError(`${source}: "${value}" is not a number of clients`, 'Write 10, or 2n for two a node.');
  }
  return { count, perNode: match[2] === 'n' };
}

/** `key=value`; the value is JSON if it reads as such, text otherwise. */
function keyValues(value: string, source: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    list(value).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usageError(`${source}: "${pair}" is not key=value`);
      return [pair.slice(0, at), jsonOrText(pair.slice(at + 1))];
    }),
  );
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The options of `faultline test`: the one table behind its flags, help, environment, configuration file and reference. */
export const TEST_OPTIONS = {
  system: option({ flag: '--system <name>', help: 'the system under test', defaultText: 'paxos', parse: text }),
  cluster: option({ flag: '--cluster <name>', help: 'where its nodes come from', defaultText: 'local', parse: text }),
  nodes: option({ flag: '--nodes <n>', help: 'number of nodes', defaultText: '5', parse: integer(1, 99) }),
  workload: option({ flag: '--workload <names>', help: 'what clients do: a name, several with commas, or all; several take turns over --runs', defaultText: 'the first of the system: register for paxos', parse: list }),
  nemesis: option({ flag: '--nemesis <names>', help: 'faults: names with commas, all, or none', defaultText: 'all', parse: list }),
  time: option({ flag: '--time <duration>', help: 'length of the load phase', defaultText: '30s', parse: duration(1000) }),
  concurrency: option({ flag: '--concurrency <n>', help: 'number of clients; 2n means two for each node', defaultText: '2n', parse: concurrency }),
  rate: option({ flag: '--rate <n>', help: 'operations a second over all clients; 0: as fast as they can', defaultText: '100', parse: nonNegative }),
  seed: option({ flag: '--seed <n>', help: 'decides every random choice of the plan; the next run has the next seed', defaultText: 'random', parse: integer(0, 2 ** 32 - 1) }),
  runs: option({ flag: '--runs <n>', help: 'number of runs; the worst verdict gives the exit code', defaultText: '1', parse: integer(1, 100_000) }),
  bug: option({ flag: '--bug <name>', help: 'switches on a bug of the bundled system (see faultline bugs); repeatable', parse: list, repeatable: true }),
  option: option({ flag: '-o, --option <key=value>', help: 'an option of the system, e.g. q1=4; repeatable', parse: keyValues, repeatable: true }),
  callTimeout: option({ flag: '--call-timeout <duration>', help: 'deadline of a client operation', defaultText: '2s', parse: duration(10) }),
  livenessBound: option({ flag: '--liveness-bound <duration>', help: 'within so long after healing every client must succeed', defaultText: '15s', parse: duration(500) }),
  damage: option({ flag: '--damage <whom>', help: 'whose files the disk nemesis may destroy: at most a minority of the nodes, or a majority', defaultText: 'minority', parse: oneOf('minority', 'majority') }),
  image: option({ flag: '--image <name>', help: 'what the nodes run in, in a cluster of containers', defaultText: 'the system\'s own, or faultline\'s', parse: text }),
  basePort: option({ flag: '--base-port <n>', help: 'first port of the nodes', defaultText: 'free ones', parse: integer(1024, 65_000) }),
  results: option({ flag: '--results <dir>', help: 'folder of stored runs', defaultText: 'results', parse: text }),
  suite: option({ flag: '--suite <name>', help: 'folder of this run below it', defaultText: 'system-workload', parse: suiteName }),
  keepData: option({ flag: '--keep-data', help: 'keep the nodes\' data folders of a valid run too', parse: flag }),
  jobs: option({ flag: '--jobs <n>', help: 'threads for runs in virtual time', defaultText: 'as many as there are processors', parse: integer(1, 256) }),
  keepGoing: option({ flag: '--keep-going', help: 'with --runs in virtual time: go on after a run that is not valid', parse: flag }),
  budget: option({ flag: '--budget <duration>', help: 'with --runs in virtual time: begin no run after so long', parse: duration(1000) }),
  failFast: option({ flag: '--fail-fast', help: 'end a run at the first violation that is proven while it goes on; with --runs: stop after the first run that is not valid', parse: flag }),
  dryRun: option({ flag: '--dry-run', help: 'print what the seed would do, and do nothing', parse: flag }),
  json: option({ flag: '--json', help: 'one JSON document a run on standard output, messages on standard error', parse: flag }),
} as const;

function suiteName(value: string, source: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) {
    throw usageError(`${source}: "${value}" is not a folder name`, 'Use letters, digits, dots, dashes and underscores.');
  }
  return value;
}

export type TestOptions = OptionValues<typeof TEST_OPTIONS>;
