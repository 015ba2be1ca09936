// A property: whatever clients do, in whatever order their steps interleave, the counter is linearizable.
import assert from 'node:assert/strict';
import { log } from 'node:console';
import fc from 'fast-check';
import { checkLinearizable, counterModel, Recorder } from 'faultline/checkers';

/** Adds by reading and writing back: what another client adds between the two is lost. */
class Counter {
  total = 0;

  constructor(pause) {
    this.pause = pause;
  }

  async add(n) {
    const total = this.total;
    await this.pause();
    this.total = total + n;
  }

  async read() {
    await this.pause();
    return this.total;
  }
}

class CarefulCounter extends Counter {
  async add(n) {
    await this.pause();
    this.total += n;
  }
}

const programs = fc.array(fc.array(fc.oneof(fc.record({ f: fc.constant('add'), n: fc.integer({ min: 1, max: 9 }) }), fc.constant({ f: 'read', n: null })), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });

function isLinearizable(Kind) {
  return fc.asyncProperty(fc.scheduler(), programs, async (scheduler, clients) => {
    const counter = new Kind(() => scheduler.schedule(Promise.resolve()));
    const recorder = new Recorder();
    const all = clients.map(async (program, client) => {
      for (const { f, n } of program) await recorder.run(client, f, n, () => counter[f](n));
    });
    await scheduler.waitFor(Promise.all(all));
    const { valid, summary, anomalies } = checkLinearizable(recorder.history, counterModel);
    assert.ok(valid, [summary, ...anomalies.map(({ message }) => message)].join('\n'));
  });
}

const found = await fc.check(isLinearizable(Counter), { numRuns: 1000 });
assert.ok(found.failed);
log(`the bug was found after ${found.numRuns} runs (seed ${found.seed}), and shrunk to ${JSON.stringify(found.counterexample[1])}`);
log(found.errorInstance.message);

await fc.assert(isLinearizable(CarefulCounter), { numRuns: 1000 });
log('the careful counter is linearizable in 1000 runs');
