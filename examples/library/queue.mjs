// A job queue that forgets to take a job off before it answers: two workers may get the same job.
import assert from 'node:assert/strict';
import { log } from 'node:console';
import { setImmediate as pause } from 'node:timers/promises';
import { checkLinearizable, fifoQueueModel, Recorder } from 'faultline/checkers';

class Jobs {
  jobs = [];

  async put(job) {
    await pause();
    this.jobs.push(job);
  }

  async take() {
    const job = this.jobs[0] ?? null;
    await pause(); // writes to its log, say; meanwhile somebody else takes
    this.jobs.shift();
    return job;
  }
}

class CarefulJobs extends Jobs {
  async take() {
    const job = this.jobs.shift() ?? null;
    await pause();
    return job;
  }
}

async function historyOf(jobs) {
  const recorder = new Recorder();
  for (const job of ['a', 'b', 'c']) await recorder.run(0, 'enqueue', job, () => jobs.put(job));
  await Promise.all([1, 2, 3].map((worker) => recorder.run(worker, 'dequeue', null, () => jobs.take())));
  return recorder.history;
}

const broken = checkLinearizable(await historyOf(new Jobs()), fifoQueueModel);
assert.equal(broken.valid, false);
log(broken.summary);
for (const { message } of broken.anomalies) log(`  ${message}`);

const careful = checkLinearizable(await historyOf(new CarefulJobs()), fifoQueueModel);
assert.equal(careful.valid, true);
log(careful.summary);
