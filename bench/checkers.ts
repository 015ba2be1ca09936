import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkOperations, checkTable, modelOf } from '../checkers/linearizable/index.js';
import { longRun, type Service } from '../checkers/testing/long-run.js';
import { History, TableBuilder, type Op, type OpTable } from '../src/index.js';
import { readJepsenLog } from '../src/history/import/index.js';
import { generate, nameOf, type HistorySpec } from './histories.js';
import * as services from './services.js';
import { runCommand } from './whole-process.js';

type Print = (line: string) => void;

interface Whole {
  readonly spec: HistorySpec;
  /** What checkers.md measured of others on two cores of the same kind of machine. */
  readonly peers?: string;
  readonly seconds?: number;
}

const LIMIT_SECONDS = 60;

const WHOLE: readonly Whole[] = [
  { spec: { kind: 'uniq', clients: 50, operations: 1_000_000, valid: true } },
  { spec: { kind: 'uniqcas', clients: 50, operations: 1_000_000, valid: true, indeterminate: 0.02 } },
  { spec: { kind: 'uniqcas', clients: 50, operations: 1_000_000, valid: false, indeterminate: 0.02 } },
  { spec: { kind: 'uniqcas', clients: 5, operations: 1_000_000, valid: true }, peers: 'Porcupine: out of memory' },
  { spec: { kind: 'uniqcas', clients: 10, operations: 100_000, valid: true }, peers: 'Porcupine: 15.1 s, 15.9 GB' },
  { spec: { kind: 'uniqcas', clients: 20, operations: 10_000, valid: true }, peers: 'Porcupine: out of memory' },
  { spec: { kind: 'uniqcas', clients: 100, operations: 100_000, valid: true, indeterminate: 0.1 } },
  { spec: { kind: 'small', clients: 5, operations: 10_000, valid: true }, peers: 'Knossos: 0.56 s (wgl), 0.68 s (linear)' },
  { spec: { kind: 'small', clients: 10, operations: 10_000, valid: false }, peers: 'Porcupine: 2.8 s, 1.6 GB' },
  { spec: { kind: 'small', clients: 10, operations: 100_000, valid: true }, peers: 'Porcupine: 6.4 s, 7.3 GB' },
  { spec: { kind: 'small', clients: 10, operations: 100_000, valid: false }, peers: 'Porcupine: out of memory (18 GB)' },
  { spec: { kind: 'small', clients: 20, operations: 10_000, valid: true }, peers: 'Porcupine: 12.7 s, 5.8 GB' },
  { spec: { kind: 'small', clients: 20, operations: 10_000, valid: false } },
  { spec: { kind: 'small', clients: 50, operations: 1_000, valid: true }, peers: 'Porcupine: undecided in 60 s' },
  { spec: { kind: 'small', clients: 50, operations: 1_000, valid: false }, peers: 'Porcupine: undecided in 60 s' },
  { spec: { kind: 'small', clients: 50, operations: 100_000, valid: true } },
  { spec: { kind: 'small', clients: 50, operations: 100_000, valid: false } },
  { spec: { kind: 'small', clients: 100, operations: 10_000, valid: true, indeterminate: 0.1 }, seconds: 20 },
  { spec: { kind: 'small', clients: 5, operations: 40_000, valid: true, keys: 200, indeterminate: 0.05 }, peers: 'Porcupine: 0.05 s without start-up' },
];

const BIG: readonly Whole[] = [{ spec: { kind: 'uniqcas', clients: 50, operations: 10_000_000, valid: true, indeterminate: 0.02 } }];

/** Algorithms by what they judge, with a service that gives histories of any length. */
const ALGORITHMS: readonly (readonly [label: string, model: string, source: Service<never> | HistorySpec['kind'], clients: number])[] = [
  ['registers of unique values (linear)', 'cas-register', 'uniqcas', 50],
  ['registers of 5 values (search)', 'cas-register', 'small', 20],
  ['queue', 'fifo-queue', services.fifoQueue as Service<never>, 10],
  ['bag', 'unordered-queue', services.bag as Service<never>, 10],
  ['stack', 'stack', services.stack as Service<never>, 10],
  ['priority queue', 'priority-queue', services.priorityQueue as Service<never>, 10],
  ['set', 'set', services.memberSet as Service<never>, 10],
  ['counter', 'counter', services.counter as Service<never>, 10],
  ['lock', 'mutex', services.mutex as Service<never>, 10],
  ['unique ids', 'unique-ids', services.uniqueIds as Service<never>, 10],
  ['transactions on two registers', 'multi-register', services.multiRegister as Service<never>, 10],
];

const LENGTHS = [1_000, 10_000, 100_000, 1_000_000];
/** Beyond a check that took this long no longer history is tried. */
const PATIENCE_SECONDS = 20;

/** Figures of the checkers: whole processes on files, growth of each algorithm, the recorded etcd logs. `--big` adds ten million operations. */
export async function benchCheckers(print: Print = (line) => process.stdout.write(`${line}\n`)): Promise<void> {
  await wholeProcesses(process.argv.includes('--big') ? [...WHOLE, ...BIG] : WHOLE, print);
  growth(print);
  recordedLogs(print);
}

async function wholeProcesses(rows: readonly Whole[], print: Print): Promise<void> {
  print(`checkers: \`faultline check FILE --model cas-register\` as a whole process, start-up and reading included (limits: ${LIMIT_SECONDS} s, 2 GB)`);
  const dir = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const file = join(dir, 'history.ndjson');
  try {
    for (const { spec, peers, seconds = LIMIT_SECONDS } of rows) {
      await write(generate(spec), file);
      const measured = await runCommand(['check', file, '--model', 'cas-register', '--time-limit', `${seconds}s`]);
      const verdict = ['VALID', 'INVALID', 'UNKNOWN'][measured.exitCode] ?? `exit ${measured.exitCode}`;
      const right = measured.exitCode === 2 || verdict === (spec.valid ? 'VALID' : 'INVALID');
      const rate = Math.round(spec.operations / measured.seconds).toLocaleString('en-US');
      print(`  ${nameOf(spec).padEnd(52)} ${verdict.padEnd(7)}${right ? ' ' : '!'} ${measured.seconds.toFixed(2).padStart(6)} s ${measured.megabytes.toFixed(0).padStart(5)} MB ${rate.padStart(10)} op/s  ${(statSync(file).size / 1e6).toFixed(0).padStart(5)} MB read   ${peers ?? ''}`.trimEnd());
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function write(ops: Iterable<Op>, file: string): Promise<void> {
  const out = createWriteStream(file);
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    if (!out.write(lines.join(''))) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
    lines = [];
  };
  for (const op of ops) {
    lines.push(`${JSON.stringify(op)}\n`);
    if (lines.length === 10_000) await flush();
  }
  await flush();
  await new Promise<void>((resolve) => out.end(() => resolve()));
}

function growth(print: Print): void {
  print('\nchecking alone, by algorithm and length (operations a second; in the last column time over n log n, from the shortest to the longest of at least 10,000)');
  print(`  ${''.padEnd(44)} ${LENGTHS.map((length) => length.toLocaleString('en-US').padStart(11)).join(' ')}   growth`);
  for (const [label, model, source, clients] of ALGORITHMS) {
    const seconds: number[] = [];
    for (const length of LENGTHS) {
      if ((seconds.at(-1) ?? 0) > PATIENCE_SECONDS / 20) break;
      const table = tableOf(typeof source === 'string' ? generate({ kind: source, clients, operations: length, valid: true, indeterminate: source === 'small' ? 0 : 0.02 }) : longRun(source, { clients, seed: 1, calls: length }));
      seconds.push(best(length < 100_000 ? 3 : 1, () => expectValid(table, model)));
    }
    const scaled = seconds.map((took, i) => took / ((LENGTHS[i] as number) * Math.log2(LENGTHS[i] as number)));
    const ratio = scaled.length < 2 ? '' : `x ${((scaled.at(-1) as number) / (scaled[1] as number)).toFixed(2)}`;
    print(`  ${`${label}, c${clients}`.padEnd(44)} ${LENGTHS.map((length, i) => (seconds[i] === undefined ? '-' : Math.round(length / seconds[i]).toLocaleString('en-US')).padStart(11)).join(' ')}   ${ratio}`);
  }
}

function expectValid(table: OpTable, model: string): void {
  const { valid, summary } = checkTable(table, model, { timeLimitMs: LIMIT_SECONDS * 1000, memoryLimitBytes: 2 * 1024 ** 3 });
  if (valid !== true) throw new Error(`a history of a correct object is ${String(valid)}: ${summary}`);
}

function tableOf(ops: Iterable<Op>): OpTable {
  const builder = new TableBuilder();
  for (const op of ops) builder.add(op);
  return builder.build();
}

function best(rounds: number, run: () => void): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    run();
    least = Math.min(least, (performance.now() - begun) / 1000);
  }
  return least;
}

/** The logs of Jepsen's etcd tests that Porcupine's corpus has, as far as they are here. */
function recordedLogs(print: Print): void {
  const folder = fileURLToPath(new URL('../../../shared/data/porcupine/jepsen/', import.meta.url));
  if (!existsSync(folder)) {
    print('\nthe recorded etcd logs are not here (../shared/data): left out');
    return;
  }
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log')).map((name) => History.from(readJepsenLog(readFileSync(join(folder, name), 'utf8'), { source: name })).clientOperations());
  const model = modelOf('cas-register');
  const all = (explain: boolean): number => logs.filter((operations) => checkOperations(operations, model, { timeLimitMs: LIMIT_SECONDS * 1000, memoryLimitBytes: 2 ** 30, explain }).valid === 'unknown').length;
  // What ran before has warmed the checker up: a figure for a cold one needs a process of its own.
  const [verdicts, explained] = [1000 * best(5, () => all(false)), 1000 * best(5, () => all(true))];
  print(`\n${logs.length} recorded etcd logs, ${all(false)} of them undecided: ${verdicts.toFixed(0)} ms for the verdicts, ${explained.toFixed(0)} ms with explanations (Porcupine: 373 ms for the verdicts on the 102 of its corpus)`);
}
