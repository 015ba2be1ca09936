import type { Model } from '../model.js';
import { consensus } from './consensus.js';
import { growOnlyCounter } from './grow-only-counter.js';
import { kv } from './kv.js';
import { listAppend } from './list-append.js';
import { multiRegister } from './multi-register.js';
import { fencedMutex, mutex, ownerMutex } from './mutex.js';
import { fifoQueue, unorderedQueue } from './queue.js';
import { setModel } from './set.js';
import { uniqueIds } from './unique-ids.js';

/** Models of queues, sets, locks, counters, identifiers and transactions on registers. */
export const moreModels: readonly Model<unknown>[] = [
  fifoQueue,
  unorderedQueue,
  setModel,
  growOnlyCounter,
  mutex,
  ownerMutex,
  fencedMutex,
  uniqueIds,
  multiRegister,
  listAppend,
  kv,
  consensus,
];
