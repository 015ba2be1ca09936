import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../src/index.js';
import { Judge } from './check.js';
import { budgetOf } from '../shared/budget.js';
import { ignoredResults } from './entries.js';
import { modelOf } from './models/index.js';
import { objectsOf } from './object-history.js';
import type { SearchAnswer, SearchTask } from './parallel.js';
import { tableOfShared } from './shared-table.js';

/** A thread of checkInParallel: takes one object after the other until none is left. */
function work({ table: shared, model: name, options, objects, next }: SearchTask, answer: (answer: SearchAnswer) => void): void {
  const table = tableOfShared(shared);
  const model = modelOf(name);
  const results = options.results ?? 'judge';
  const histories = objectsOf(table, results, ignoredResults(model, results));
  const judge = new Judge(table, model, options, budgetOf(options));
  for (let at = Atomics.add(next, 0, 1); at < objects.length; at = Atomics.add(next, 0, 1)) {
    const object = objects[at] as number;
    const history = histories[object];
    if (history !== undefined) answer({ object, judged: judge.bySearch(history) });
  }
  answer({ done: true });
}

const answer = (message: SearchAnswer): void => parentPort?.postMessage(message);
try {
  work(workerData as SearchTask, answer);
} catch (error) {
  answer({ failed: messageOf(error) });
}
