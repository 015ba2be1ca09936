import { expect, it } from 'vitest';
import { planOf } from '../src/cli/plan-of.js';
import { runTest } from '../src/runner/test-run.js';
import { partsOf } from '../src/search/resolve.js';

const never = new AbortController().signal;

it('a run in which messages multiply ends, and says why', { timeout: 60_000 }, async () => {
  const { plan } = planOf({ cluster: 'sim', nodes: 3, time: 3000, nemesis: ['none'] }, 1, 0);
  const parts = partsOf(plan);
  const simulate = parts.system.simulate;
  if (simulate === undefined) throw new Error('paxos is simulated');
  // Every node answers whatever it gets, answers included, by two copies to whoever sent it.
  const run: typeof simulate.run = (file, argv, machine) =>
    simulate.run(file, argv, Object.create(machine, {
      ...Object.fromEntries((['node', 'files'] as const).map((name) => [name, { value: machine[name] }])),
      ...Object.fromEntries((['monotonicMs', 'wallMs', 'after', 'every', 'soon', 'stir', 'random', 'write', 'role', 'exit', 'onTerminate', 'send', 'serve'] as const).map((name) => [name, { value: (machine[name] as (...args: unknown[]) => unknown).bind(machine) }])),
      receive: { value: (take: (from: string, message: unknown) => void) => machine.receive((from, message) => {
        machine.send(from, message);
        machine.send(from, message);
        take(from, message);
      }) },
    }) as typeof machine);
  const system = { ...parts.system, simulate: { ...simulate, run } };
  const ended = runTest(plan, { ...parts, system }, { runId: 'run', runDir: '/run', event: () => undefined, phase: () => undefined, log: () => undefined }, never);
  await expect(ended).rejects.toMatchObject({ code: 'storm', message: expect.stringContaining('something makes ever more of itself') as unknown });
});
