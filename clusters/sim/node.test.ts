import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/index.js';
import { benchOf, SPEC, started, type Program } from './testing/machines.js';

/** Listens, and does nothing else. */
const IDLE: Program = (machine) => machine.serve(() => undefined);

function ends(code: number): Program {
  return (machine) => machine.after(100, () => {
    machine.write('the last line\n');
    machine.exit(code);
  }) && undefined;
}

describe('the program of a simulated node', () => {
  it('begins some time after its start, with its arguments, and one at a time', async () => {
    const begun: (readonly string[])[] = [];
    const { node, clock, told } = benchOf((_, argv) => void begun.push(argv));
    await node.start(SPEC);
    expect(await node.state()).toBe('running');
    await expect(node.start(SPEC)).rejects.toMatchObject({ code: 'already-running' });
    await clock.sleep(9);
    expect(begun).toEqual([]);
    await clock.sleep(1);
    expect(begun).toEqual([['a', 'b']]);
    await node.restart();
    await clock.sleep(100);
    expect(begun.length).toBe(1);
    expect(told).toEqual(['running']);
  });

  it('has another life after each end, with other random numbers, and the disk of the ones before', async () => {
    const lives: { readonly kept: readonly string[]; readonly drawn: number }[] = [];
    const { node, clock, told } = benchOf((machine) => {
      machine.files.makeFolder('/data');
      lives.push({ kept: machine.files.list('/data'), drawn: machine.random(2 ** 31) });
      machine.files.open(`/data/${lives.length}`, 'w').close();
    });
    await expect(node.restart()).rejects.toMatchObject({ code: 'never-started' });
    await node.start(SPEC);
    const ids = new Set<number | undefined>();
    for (let i = 0; i < 3; i++) {
      await clock.sleep(50);
      ids.add(node.life);
      await node.signal('SIGKILL');
      expect(await node.state()).toBe('stopped');
      expect(node.life).toBeUndefined();
      await node.restart();
    }
    expect(ids.size).toBe(3);
    expect(lives.map(({ kept }) => kept)).toEqual([[], ['1'], ['1', '2']]);
    expect(new Set(lives.map(({ drawn }) => drawn)).size).toBe(3);
    expect(told.slice(0, 4)).toEqual(['running', 'stopped', 'running', 'stopped']);
  });

  it('that is killed before it has begun never does', async () => {
    let begun = 0;
    const { node, clock } = benchOf(() => void begun++);
    await node.start(SPEC);
    await clock.sleep(5);
    await node.signal('SIGKILL');
    await clock.sleep(100);
    expect(begun).toBe(0);
  });

  it.each([
    ['an end by itself', ends(3), 3, 'the last line'],
    ['an end at once', () => 4, 4, ''],
    ['a defect', () => { throw new Error('no such thing'); }, 70, 'no such thing'],
  ] as const satisfies readonly (readonly [string, Program, number, string])[])('that ends is missed: %s', async (_, program, code, tail) => {
    const { node, clock, exits } = benchOf(program);
    await node.start(SPEC);
    await clock.sleep(1000);
    expect(await node.state()).toBe('stopped');
    expect(exits).toEqual([{ node: 'n1', code, signal: null, tail }]);
    expect(await node.lastEnd()).toEqual({ code, signal: null, tail });
  });

  it('that ends is not missed if that was to be expected, or we did it; its next life is judged anew', async () => {
    const { node, clock, exits } = benchOf(ends(3));
    await node.start(SPEC);
    node.expectEnd(true);
    await clock.sleep(1000);
    await node.restart({ mayEnd: true });
    await clock.sleep(1000);
    await node.restart();
    await node.signal('SIGKILL');
    await clock.sleep(1000);
    expect(exits).toEqual([]);
    await node.restart();
    await clock.sleep(1000);
    expect(exits.length).toBe(1);
    await node.restart();
    node.dispose();
    expect(exits.length).toBe(1);
  });

  it('does not run what is not the system\'s', async () => {
    const { node, clock, told } = benchOf(IDLE);
    await node.start({ argv: ['sleep', '1'], logFile: 'log' });
    await clock.sleep(10);
    expect(await node.lastEnd()).toMatchObject({ code: 127 });
    expect(told).toContain('log sleep: a simulated node only runs the programs of the system');
  });
});

describe('SIGTERM on a simulated node', () => {
  /** Needs so long to hand over. */
  function handsOver(ms: number): Program {
    return (machine) => machine.onTerminate(() => void machine.after(ms, () => machine.exit(0)));
  }

  it('is waited for until the program has handed over, and is nothing unexpected', async () => {
    const { node, clock, exits } = await started(benchOf(handsOver(500)));
    const beforeMs = clock.nowMs;
    await node.signal('SIGTERM');
    expect(clock.nowMs - beforeMs).toBeGreaterThanOrEqual(500);
    expect(clock.nowMs - beforeMs).toBeLessThan(520);
    expect(await node.lastEnd()).toMatchObject({ code: 0, signal: null });
    expect(exits).toEqual([]);
  });

  it('becomes SIGKILL after three seconds', async () => {
    const { node, clock } = await started(benchOf(handsOver(10_000)));
    const beforeMs = clock.nowMs;
    await node.signal('SIGTERM');
    expect(clock.nowMs - beforeMs).toBe(3000);
    expect(await node.lastEnd()).toMatchObject({ signal: 'SIGKILL' });
  });

  it('ends at once who does not listen, and wakes who is paused', async () => {
    const deaf = await started(benchOf(IDLE));
    await deaf.node.signal('SIGTERM');
    expect(await deaf.node.lastEnd()).toMatchObject({ code: null, signal: 'SIGTERM' });
    const paused = await started(benchOf(handsOver(50)));
    await paused.node.signal('SIGSTOP');
    await paused.node.signal('SIGTERM');
    expect(await paused.node.lastEnd()).toMatchObject({ code: 0 });
    expect(paused.told).toEqual(['running', 'paused', 'running', 'stopped']);
    await paused.node.signal('SIGTERM');
    await paused.node.signal('SIGCONT');
    expect(paused.told.length).toBe(4);
  });
});

describe('what else is done to a simulated node', () => {
  it('executes what ends at once, and gives its output and its exit code', async () => {
    const { node } = benchOf((machine, [code]) => {
      machine.write(`${machine.node} says ${code}\n`);
      return code === 'late' ? machine.exit(3) : Number(code);
    });
    expect(await node.exec(['javascript', 'program', '0'])).toEqual({ exitCode: 0, stdout: 'n1 says 0\n', stderr: '' });
    expect(await node.exec(['javascript', 'program', '7'])).toEqual({ exitCode: 7, stdout: '', stderr: 'n1 says 7\n' });
    expect(await node.exec(['javascript', 'program', 'late'])).toMatchObject({ exitCode: 3 });
    expect(await node.exec(['ls'])).toMatchObject({ exitCode: 127 });
    expect(await node.state()).toBe('stopped');
    await expect(benchOf(IDLE).node.exec(['javascript', 'program'])).rejects.toMatchObject({ code: 'exec-failed', message: expect.stringContaining('goes on') as unknown });
  });

  it('executes nothing beside its program, whose disk it has', async () => {
    const { node, clock } = await started(benchOf((machine, argv) => {
      if (argv.length === 0) return 0;
      machine.files.makeFolder('/data');
      machine.every(100, () => machine.files.open('/data/file', 'a').write(Buffer.from('x')));
      return undefined;
    }));
    await expect(node.exec(['javascript', 'program'])).rejects.toMatchObject({ code: 'exec-failed' });
    await clock.sleep(1000);
    expect((await node.disk.read('file')).length).toBeGreaterThan(5);
  });

  it('is not wiped while its program runs, and is empty afterwards', async () => {
    const { node } = await started(benchOf((machine) => {
      machine.files.makeFolder('/data');
      machine.files.open('/data/file', 'w').close();
    }));
    await expect(node.wipe()).rejects.toMatchObject({ code: 'still-running' });
    expect((await node.disk.list()).length).toBe(1);
    await node.signal('SIGKILL');
    await node.wipe();
    expect(await node.disk.list()).toEqual([]);
  });

  it('sets its wall clock, by an offset or a rate, and never its monotonic one', async () => {
    let machine: Machine | undefined;
    const { node, clock } = await started(benchOf((it) => {
      machine = it;
    }));
    const error = (): number => (machine?.wallMs() ?? 0) - clock.wallMs();
    const startMs = machine?.monotonicMs() ?? 0;
    expect(error()).toBe(0);
    await node.setClock({ offsetMs: -60_000 });
    expect(error()).toBe(-60_000);
    await node.setClock({ rate: 1.5 });
    await clock.sleep(1000);
    expect(error()).toBe(-59_500);
    await node.setClock({ rate: 0.5 });
    await clock.sleep(1000);
    expect(error()).toBe(-60_000);
    await node.signal('SIGKILL');
    await node.restart();
    await clock.sleep(10);
    expect(error()).toBe(-60_005);
    await node.setClock({ offsetMs: 0 });
    expect(error()).toBe(0);
    expect((machine?.monotonicMs() ?? 0) - startMs).toBe(2010);
  });

  it('has clocks and timers that are wrong by the same rate', async () => {
    const at: number[] = [];
    let machine: Machine | undefined;
    const { clock } = await started(benchOf((it) => {
      machine = it;
      it.after(1000, () => at.push(clock.nowMs));
    }, { rateError: 0.25 }));
    const before = { trueMs: clock.nowMs, shownMs: machine?.monotonicMs() ?? 0 };
    await clock.sleep(2000);
    expect((machine?.monotonicMs() ?? 0) - before.shownMs).toBe(2500);
    expect(at).toEqual([before.trueMs + 800]);
  });

  it('kills it when it runs out of memory, or is told when that takes too long', async () => {
    const { node, clock, exits } = await started(benchOf(IDLE));
    const soon = new AbortController();
    clock.in(1, () => soon.abort(new Error('too late')));
    await expect(node.exhaustMemory(soon.signal)).rejects.toMatchObject({ code: 'still-alive' });
    expect(await node.state()).toBe('running');
    await node.exhaustMemory(clock.within(6000));
    expect(await node.lastEnd()).toMatchObject({ signal: 'SIGKILL' });
    expect(exits).toEqual([]);
  });

  it('loses what was not durable in a power cut, and not by a kill', async () => {
    const { node, told } = await started(benchOf((machine) => {
      machine.files.makeFolder('/data');
      machine.files.open('/data/file', 'w').write(Buffer.from('x'));
    }));
    await node.signal('SIGKILL');
    expect((await node.disk.read('file')).toString()).toBe('x');
    await node.restart();
    expect(await node.powerCut()).toMatch(/file|folder|name|data/);
    expect(told.at(-1)).toBe('stopped');
    expect(await node.disk.list()).toEqual([]);
  });

  it('has the ports of its system, and takes no files', async () => {
    const { node } = benchOf(IDLE);
    expect([node.endpoint('client'), node.listen('peer'), node.peer('n2', 'peer')]).toEqual([{ host: 'n1', port: 1 }, { host: 'n1', port: 2 }, { host: 'n2', port: 2 }]);
    expect(() => node.endpoint('admin')).toThrow('n1 has no port "admin"');
    await expect(node.upload()).rejects.toMatchObject({ code: 'unsupported' });
    await expect(node.download()).rejects.toMatchObject({ code: 'unsupported' });
  });
});
