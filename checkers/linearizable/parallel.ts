import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { messageOf, type CheckResult, type OpTable } from '../../src/index.js';
import { checkParts, type CheckOptions, type Judged } from './check.js';
import { models, type AnyModel } from './models/index.js';
import { objectsOf } from './object-history.js';
import { sharedTable, type SharedTable } from './shared-table.js';
import { ignoredResults, resultsOf } from './entries.js';

/** Operations that are left to searches before it pays to start threads: each costs about a tenth of a second to begin. */
const WORTH_IT = 50_000;

/** What a thread is started with. */
export interface SearchTask {
  readonly table: SharedTable;
  readonly model: string;
  readonly options: CheckOptions;
  /** Objects to be searched, the small ones first; and the next of them to take, shared by all threads. */
  readonly objects: readonly number[];
  readonly next: Int32Array;
}

/** What a thread answers: an object that it judged, why it failed, or that nothing is left. */
export type SearchAnswer = { readonly object: number; readonly judged: Judged } | { readonly failed: string } | { readonly done: true };

/**
 * Judges a history as checkTable does, with the keys that need a search spread over worker threads. Undefined: it would not pay, or the model
 * is not one of ours, which alone a thread can find by name.
 */
export async function checkInParallel(table: OpTable, model: AnyModel, options: CheckOptions, threads = availableParallelism()): Promise<CheckResult | undefined> {
  if (threads < 2 || table.keys.length < 2 || table.size < WORTH_IT || models[model.name] !== model) return undefined;
  const script = workerScript();
  if (script === undefined) return undefined;
  const results = options.results ?? resultsOf(table, model);
  const sizes = objectsOf(table, results, ignoredResults(model, results)).map(({ size }) => size);
  return checkParts(table, model, { ...options, results }, async (hard, here) => {
    const operations = hard.reduce((sum, object) => sum + (sizes[object] ?? 0), 0);
    if (hard.length < 2 || operations < WORTH_IT) return hard.map(here);
    return inThreads(script, { table: sharedTable(table), model: model.name, options: { ...options, results, memoryLimitBytes: options.memoryLimitBytes / threads }, objects: hard, next: new Int32Array(new SharedArrayBuffer(4)) }, Math.min(threads, hard.length));
  });
}

async function inThreads(script: string, task: SearchTask, threads: number): Promise<readonly Judged[]> {
  const found = new Map<number, Judged>();
  const workers: Worker[] = [];
  try {
    await Promise.all(Array.from({ length: threads }, () => {
      const worker = new Worker(script, { workerData: task });
      workers.push(worker);
      return new Promise<void>((resolve, reject) => {
        worker.on('message', (answer: SearchAnswer) => {
          if ('done' in answer) resolve();
          else if ('failed' in answer) reject(new Error(answer.failed));
          else found.set(answer.object, answer.judged);
        });
        worker.on('error', (error) => reject(new Error(`a search thread failed: ${messageOf(error)}`, { cause: error })));
        worker.on('exit', (code) => reject(new Error(`a search thread ended with code ${code}`)));
      });
    }));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return task.objects.map((object) => found.get(object) as Judged);
}

/** The compiled script of the threads: beside this file, or in dist where this file is run uncompiled. */
function workerScript(): string | undefined {
  const here = new URL('./search-worker.js', import.meta.url);
  const compiled = new URL('../../dist/checkers/linearizable/search-worker.js', import.meta.url);
  return [here, compiled].map((url) => fileURLToPath(url)).find((path) => existsSync(path));
}
