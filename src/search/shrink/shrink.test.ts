import { expect, it } from 'vitest';
import { planOf } from '../../cli/plan-of.js';
import { Random } from '../../random/random.js';
import { runOnce } from '../run-once.js';
import { scriptOf } from '../script-of.js';
import { summarize } from '../summarize.js';
import { fitted } from './script-edit.js';
import { shrink, sizeOf } from './shrink.js';
import { classOf, isSameClass, Trials } from './trials.js';

const never = new AbortController().signal;

it('makes a failure small that stays the same failure, and a run of what is left fails every time', { timeout: 180_000 }, async () => {
  const { plan } = planOf({ cluster: 'sim', bug: ['local-read'], workload: ['register'], nemesis: ['partition', 'kill'], time: 3000 }, 1000, 0);
  const failure = await summarize(plan, never);
  expect([failure.verdict, failure.kind]).toEqual(['invalid', 'safety']);
  const { ops } = await runOnce(plan, never);
  const scripted = fitted({ ...plan, core: false, script: scriptOf(plan, ops) });
  const trials = new Trials({ wanted: classOf(failure), run: (each) => summarize(each, never), jobs: 1, enough: () => false });
  const smaller = await shrink(scripted, { trials, random: Random.fromSeed(1), key: failure.key });
  const { operations, faults } = sizeOf(smaller);
  expect(operations).toBeLessThanOrEqual(12);
  expect(faults).toBeLessThanOrEqual(3);
  const again = [await summarize(smaller, never), await summarize(smaller, never)];
  expect(again.map((each) => isSameClass(classOf(each), classOf(failure)))).toEqual([true, true]);
});

it('a script of a run has done what the run did, each client its own', { timeout: 60_000 }, async () => {
  const { plan } = planOf({ cluster: 'sim', workload: ['append'], nemesis: ['partition', 'kill', 'pause'], time: 3000 }, 77, 0);
  const { ops } = await runOnce(plan, never);
  const again = await runOnce({ ...plan, script: scriptOf(plan, ops) }, never);
  const calls = (all: typeof ops): readonly string[] => all.filter(({ process, type }) => typeof process === 'number' && type === 'invoke').map(({ process, f, key, value }) => JSON.stringify([Number(process) % plan.concurrency, f, key, value])).sort();
  expect(calls(again.ops)).toEqual(calls(ops));
});
