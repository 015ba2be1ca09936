import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { any, clients, limit, mix, nemeses, reserve, sequentialKeys, sleep, timeLimit, type OpFunction, type Source } from '../src/generator/index.js';
import { JournalWriter, readHistory } from '../src/history/journal.js';
import type { Op } from '../src/history/op.js';
import type { Call, Client, Outcome } from '../src/runner/client.js';
import { interpret } from '../src/runner/interpreter.js';
import { Recorder } from '../src/runner/recorder.js';
import { realClock } from '../src/time/clock.js';

const THREADS = 10;
const OPERATIONS = 200_000;
const ROUNDS = 3;

/** One figure of the interpreter. */
export interface InterpreterFigure {
  readonly name: string;
  readonly operationsPerSecond: number;
  /** Of the processor, in this process: what the figure would be on a machine that has nothing else to do. */
  readonly cpuMicrosecondsPerOperation: number;
}

/**
 * How many operations a second the interpreter records against a client that answers at once: what a run cannot exceed,
 * whatever the system. Prints and gives the best of three rounds for each setting.
 */
export async function benchInterpreter(print: (line: string) => void = (line) => process.stdout.write(`${line}\n`)): Promise<readonly InterpreterFigure[]> {
  print(`interpreter: ${OPERATIONS} operations of ${THREADS} clients that answer at once, two events each`);
  const figures: InterpreterFigure[] = [];
  for (const [name, generator, journal] of settings()) {
    let best: Measurement = { seconds: Infinity, cpuSeconds: Infinity };
    for (let round = 0; round < ROUNDS; round++) {
      const measured = await measure(generator, journal);
      if (measured.seconds < best.seconds) best = measured;
    }
    const figure = { name, operationsPerSecond: Math.round(OPERATIONS / best.seconds), cpuMicrosecondsPerOperation: (best.cpuSeconds * 1e6) / OPERATIONS };
    print(`  ${name.padEnd(44)} ${figure.operationsPerSecond.toLocaleString('en').padStart(9)} op/s   ${figure.cpuMicrosecondsPerOperation.toFixed(2)} us CPU/op`);
    figures.push(figure);
  }
  return figures;
}

function settings(): readonly (readonly [name: string, generator: Source, journal: boolean])[] {
  const load = any(nemeses(sleep(1e9)), timeLimit(1e9, clients(sequentialKeys(endless(), () => limit(500, registerOps())))));
  return [
    ['one operation over and over, no journal', limit(OPERATIONS, clients(() => ({ f: 'read' }))), false],
    ['register workload, no journal', limit(OPERATIONS, load), false],
    ['register workload, journal on disk', limit(OPERATIONS, load), true],
    ['register workload, reserved threads, journal', limit(OPERATIONS, clients(reserve([[3, write]], registerOps()))), true],
  ];
}

/** Reads, writes and compare-and-set, as the register workload mixes them. */
function registerOps(): Source {
  return mix([read, write, cas], [3, 2, 1]);
}

const read: OpFunction = () => ({ f: 'read' });
const write: OpFunction = (context) => ({ f: 'write', value: Math.floor(context.draw(0) * 1e6) });
const cas: OpFunction = (context) => ({ f: 'cas', value: [Math.floor(context.draw(0) * 1e6), Math.floor(context.draw(1) * 1e6)] });

function* endless(): Iterable<string> {
  for (let i = 0; ; i++) yield `k${i}`;
}

class InstantClient implements Client {
  async invoke(call: Call): Promise<Outcome> {
    return { type: 'ok', value: call.value };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** One interpretation; with a journal, its writing and its fsync belong to it. */
async function measure(generator: Source, journal: boolean): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const path = join(folder, 'history.ndjson');
  try {
    const clock = realClock();
    const writer = journal ? new JournalWriter(path) : undefined;
    let events = 0;
    const recorder = new Recorder(clock, (op: Op) => {
      events++;
      writer?.append(op);
    });
    const from = clock.now();
    const cpuFrom = process.cpuUsage();
    await interpret({
      generator,
      threads: THREADS,
      nemeses: new Map([['idle', async () => null]]),
      openClient: async () => new InstantClient(),
      nodeOf: (thread) => `n${(thread % 5) + 1}`,
      clock,
      seed: 1,
      record: (event) => recorder.record(event),
      callTimeoutMs: 2000,
    });
    writer?.close();
    const seconds = (clock.now() - from) / 1e9;
    const cpu = process.cpuUsage(cpuFrom);
    if (events !== 2 * OPERATIONS) throw new Error(`${events} events instead of ${2 * OPERATIONS}`);
    if (journal && (await readHistory(path)).ops.length !== events) throw new Error('the journal does not hold all events');
    return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
