import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killNemesis, pauseNemesis } from './index.js';
import { AtWork, TestRun } from './testing/run.js';

const ORDER = ['n2', 'n3', 'n1'];

let test: TestRun;
let kill: AtWork;
let pause: AtWork;

beforeEach(async () => {
  test = await TestRun.start(3);
  kill = new AtWork(killNemesis, test.run);
  pause = new AtWork(pauseNemesis, test.run);
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

describe('kill', () => {
  it.each([
    ['one', ['n2']],
    ['majority', ['n2', 'n3']],
    ['all', ['n1', 'n2', 'n3']],
    ['leader', ['n1']],
  ])('%s: kills its targets and starts them again', async (kind, targets) => {
    test.primaries = async () => ['n1'];
    const value = await kill.start({ kind, order: ORDER });
    expect(value).toMatchObject({ kind, killed: targets });
    expect([...(value.targets ?? [])].sort()).toEqual(targets);
    expect(await test.states()).toEqual(['n1', 'n2', 'n3'].map((name) => (targets.includes(name) ? 'stopped' : 'running')));
    const names = targets.join(', ');
    expect(await kill.stop()).toMatchObject({ effect: { observed: true, evidence: `${names}: gone` }, healed: { observed: true, evidence: `${names}: running and answering again` } });
    expect(await test.states()).toEqual(['running', 'running', 'running']);
    expect(test.run.cluster.unexpectedExits()).toEqual([]);
  });

  it('takes the next node where its first choice is down, and leaves that down', async () => {
    await test.node('n2').signal('SIGKILL');
    expect(await kill.start({ kind: 'one', order: ORDER })).toMatchObject({ targets: ['n3'], killed: ['n3'] });
    expect(await kill.stop()).toMatchObject({ effect: { observed: true, evidence: 'n3: gone' }, healed: { observed: true } });
    expect(await test.node('n2').state()).toBe('stopped');
  });

  it('of nodes that are all down has no effect, and leaves them down', async () => {
    for (const node of test.run.cluster.nodes) await node.signal('SIGKILL');
    expect(await kill.start({ kind: 'one', order: ORDER })).toMatchObject({ targets: ['n2'], killed: [] });
    expect(await kill.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: already stopped' }, healed: { observed: true } });
    expect(await test.states()).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('says which of its targets it found', async () => {
    await test.node('n2').signal('SIGKILL');
    await kill.start({ kind: 'all', order: ORDER });
    const evidence = expect.stringMatching(/^(?=.*n1, n3: gone)(?=.*n2: already stopped)/) as unknown;
    expect(await kill.stop()).toMatchObject({ effect: { observed: true, evidence }, healed: { observed: true, evidence: 'n1, n3: running and answering again' } });
    expect(await test.states()).toEqual(['running', 'stopped', 'running']);
  });

  it('of a cut-off node heals without the others', async () => {
    await test.run.cluster.net.apply('other', [{ from: 'n1', to: 'n2', drop: 'stall' }, { from: 'n2', to: 'n1', drop: 'stall' }]);
    await kill.start({ kind: 'one', order: ORDER });
    expect(await kill.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
  });

  it('whose node does not come back says so at once, with its last words, and is over', async () => {
    await kill.start({ kind: 'one', order: ORDER });
    const node = test.node('n2');
    const restart = node.restart.bind(node);
    node.restart = () => node.start({ argv: ['sh', '-c', 'echo disk is gone; exit 4'], logFile: 'node.log' });
    const end = await kill.stop();
    expect(end.healed).toEqual({ observed: false, evidence: 'n2: started, but does not answer: it died at once: disk is gone' });
    node.restart = restart;
    expect(await kill.heal()).toEqual([]);
  });

  it('whose node cannot be started stays in force until it can', async () => {
    await kill.start({ kind: 'one', order: ORDER });
    const node = test.node('n2');
    const restart = node.restart.bind(node);
    node.restart = () => Promise.reject(new Error('no more processes'));
    expect((await kill.stop()).healed).toEqual({ observed: false, evidence: 'n2: could not be started: no more processes' });
    node.restart = restart;
    expect(await kill.heal()).toMatchObject([{ effect: { observed: true }, healed: { observed: true } }]);
    expect(await test.states()).toEqual(['running', 'running', 'running']);
  });

  it('that fails half-way is undone by heal', async () => {
    const node = test.node('n3');
    const signal = node.signal.bind(node);
    node.signal = () => Promise.reject(new Error('not permitted'));
    await expect(kill.start({ kind: 'all', order: ORDER })).rejects.toThrow('not permitted');
    node.signal = signal;
    expect(await test.states()).toEqual(['stopped', 'stopped', 'running']);
    expect(await kill.heal()).toMatchObject([{ effect: { observed: true }, healed: { observed: true } }]);
    expect(await test.states()).toEqual(['running', 'running', 'running']);
  });
});

describe('pause', () => {
  it.each([
    ['one', ['n2']],
    ['majority', ['n2', 'n3']],
    ['all', ['n1', 'n2', 'n3']],
    ['leader', ['n3']],
  ])('%s: stops its targets and lets them go on', async (kind, targets) => {
    test.primaries = async () => ['n3'];
    expect(await pause.start({ kind, order: ORDER })).toMatchObject({ kind, paused: targets });
    expect(await test.states()).toEqual(['n1', 'n2', 'n3'].map((name) => (targets.includes(name) ? 'paused' : 'running')));
    const names = targets.join(', ');
    expect(await pause.stop()).toMatchObject({ effect: { observed: true, evidence: `${names}: seen stopped` }, healed: { observed: true, evidence: `${names}: running again` } });
    expect(await test.states()).toEqual(['running', 'running', 'running']);
  });

  it('of nodes that are all down has no effect', async () => {
    await kill.start({ kind: 'all', order: ORDER });
    await pause.start({ kind: 'one', order: ORDER });
    expect(await pause.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: already stopped' }, healed: { observed: true } });
    await kill.stop();
  });

  it('of a node that somebody else paused leaves it to them', async () => {
    const other = new AtWork(pauseNemesis, test.run);
    await other.start({ kind: 'all', order: ORDER });
    await pause.start({ kind: 'one', order: ORDER });
    expect(await pause.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: already paused' } });
    expect(await test.node('n2').state()).toBe('paused');
    expect(await other.heal()).toHaveLength(1);
  });
});

describe('kill and pause', () => {
  it('on the same node: a paused node is killed, and there is nobody to let go', async () => {
    await pause.start({ kind: 'one', order: ORDER });
    await kill.start({ kind: 'one', order: ORDER });
    expect(await pause.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true, evidence: 'n2: killed meanwhile' } });
    expect(await test.node('n2').state()).toBe('stopped');
    expect(await kill.stop()).toMatchObject({ effect: { observed: true, evidence: 'n2: gone (was paused)' }, healed: { observed: true } });
    expect(await test.states()).toEqual(['running', 'running', 'running']);
  });

  it('on the same node: a restarted node is not the one that was paused', async () => {
    await pause.start({ kind: 'one', order: ORDER });
    await kill.start({ kind: 'one', order: ORDER });
    await kill.stop();
    expect(await pause.stop()).toMatchObject({ healed: { observed: true, evidence: 'n2: killed and started again meanwhile' } });
  });

  it('where the one has all nodes, the other waits for the first to come back', async () => {
    await kill.start({ kind: 'all', order: ORDER });
    const paused = pause.start({ kind: 'one', order: ORDER });
    await kill.stop();
    expect(['n1', 'n2', 'n3']).toContain((await paused).targets?.[0]);
    expect(await pause.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
  });

  it('at once on all nodes, again and again, leave everything running', async () => {
    for (let round = 0; round < 4; round++) {
      await Promise.all([kill.start({ kind: 'majority', order: ORDER }), pause.start({ kind: 'all', order: ORDER })]);
      await Promise.all(round % 2 === 0 ? [kill.stop(), pause.stop()] : [pause.heal(), kill.heal()]);
      expect(await test.states()).toEqual(['running', 'running', 'running']);
    }
    expect(test.run.cluster.unexpectedExits()).toEqual([]);
  });
});
