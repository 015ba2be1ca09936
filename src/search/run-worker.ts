/** A thread of a search: gets plans, and answers each with what came of it. */
import { parentPort } from 'node:worker_threads';
import type { StoredPlan } from '../store/schema.js';
import { summarize } from './summarize.js';

const never = new AbortController().signal;

parentPort?.on('message', (plan: StoredPlan) => {
  void summarize(plan, never).then((summary) => parentPort?.postMessage(summary));
});
