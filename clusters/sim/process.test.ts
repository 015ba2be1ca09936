import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/index.js';
import { benchOf, programs, started, type Bench } from './testing/machines.js';

/** A running program, by what it has as a machine. */
async function running(rateError = 0): Promise<Bench & { readonly machine: Machine }> {
  const machines: Machine[] = [];
  const bench = await started(benchOf((it) => void machines.push(it), { rateError }));
  const machine = machines[0];
  if (machine === undefined) throw new Error('the program has not begun');
  return { ...bench, machine };
}

describe('the timers of a simulated program', () => {
  it('call back once after so long, or again and again', async () => {
    const { machine, clock } = await running();
    const [once, often]: [number[], number[]] = [[], []];
    machine.after(30, () => once.push(clock.nowMs));
    const end = machine.every(100, () => {
      often.push(clock.nowMs);
      if (often.length === 5) end();
    });
    await clock.sleep(2000);
    expect(once).toEqual([40]);
    expect(often[0]).toBeLessThan(110);
    expect(often.map((ms) => ms - (often[0] ?? 0)).map(Math.round)).toEqual([0, 100, 200, 300, 400]);
  });

  it('do not call back when they were cancelled', async () => {
    const { machine, clock } = await running();
    const called: string[] = [];
    machine.after(30, () => called.push('after'))();
    machine.every(100, () => called.push('every'))();
    await clock.sleep(1000);
    expect(called).toEqual([]);
  });

  it('come at the end of a turn, after what has arrived by then', async () => {
    const { machine, node, clock } = await running();
    const order: string[] = [];
    machine.receive((_, message) => {
      if (message === 1) machine.soon(() => order.push('turn over'));
      order.push(`message ${String(message)}`);
    });
    for (const i of [1, 2, 3]) clock.in(5, () => node.deliver('n2', i));
    await clock.sleep(10);
    expect(order).toEqual(['message 1', 'message 2', 'message 3', 'turn over']);
  });
});

describe('the promises of a program', () => {
  /** What a program sees of two messages of one moment, of which the first lets a promise go on. */
  async function seen(stirs: boolean | undefined, tells: boolean): Promise<readonly string[]> {
    const order: string[] = [];
    const program = (machine: Machine): void => machine.receive((_, message) => {
      order.push(`message ${String(message)}`);
      if (message !== 1) return;
      void Promise.resolve().then(() => order.push('promise'));
      if (tells) machine.stir();
    });
    const simulation = { ...programs(program), ...(stirs === undefined ? {} : { stirs }) };
    const { node, clock } = await started(benchOf(program, { simulation }));
    for (const i of [1, 2]) clock.in(5, () => node.deliver('n2', i), 'plain');
    await clock.sleep(10);
    return order;
  }

  it('go on at once, or when it says so if it has said that it does', async () => {
    expect(await seen(undefined, false)).toEqual(['message 1', 'promise', 'message 2']);
    expect(await seen(true, true)).toEqual(['message 1', 'promise', 'message 2']);
    expect(await seen(true, false)).toEqual(['message 1', 'message 2', 'promise']);
  });
});

describe('a paused program', () => {
  it('finds afterwards all that happened meanwhile, in order, at that moment', async () => {
    const { machine, node, clock } = await running();
    const seen: string[] = [];
    const see = (what: string): void => void seen.push(`${what} at ${clock.nowMs}`);
    machine.receive((from, message) => see(`${String(message)} from ${from}`));
    machine.serve(({ path }, answer) => {
      see(path);
      answer({ status: 200, body: null });
    });
    machine.after(30, () => see('timer'));
    await node.signal('SIGSTOP');
    expect(await node.state()).toBe('paused');
    clock.in(10, () => node.deliver('n2', 'first'));
    clock.in(40, () => node.deliver('n3', 'second'));
    clock.in(50, () => node.program?.request({ method: 'GET', path: '/status', body: null }, () => see('answer')));
    await clock.sleep(100);
    expect(seen).toEqual([]);
    await node.signal('SIGCONT');
    expect(seen).toEqual(['first from n2', 'timer', 'second from n3', '/status', 'answer'].map((what) => `${what} at 110`));
    node.deliver('n2', 'third');
    expect(seen.at(-1)).toBe('third from n2 at 110');
  });

  it('has missed all ticks but one', async () => {
    const { machine, node, clock } = await running();
    const ticks: number[] = [];
    machine.every(10, () => ticks.push(clock.nowMs));
    await node.signal('SIGSTOP');
    await clock.sleep(1000);
    await node.signal('SIGCONT');
    expect(ticks).toEqual([1010]);
    await clock.sleep(100);
    expect(ticks.length).toBe(11);
  });

  it('may cancel a timer that has run out meanwhile, and is not called back then', async () => {
    const { machine, node, clock } = await running();
    const called: string[] = [];
    const cancels = [machine.after(30, () => called.push('after')), machine.every(10, () => called.push('every'))];
    machine.receive(() => {
      for (const cancel of cancels) cancel();
    });
    await node.signal('SIGSTOP');
    node.deliver('n2', 'all is well');
    await clock.sleep(100);
    await node.signal('SIGCONT');
    await clock.sleep(100);
    expect(called).toEqual([]);
  });

  it('loses it all when it is killed', async () => {
    const { machine, node, clock } = await running();
    const called: string[] = [];
    machine.receive(() => called.push('message'));
    machine.after(30, () => called.push('timer'));
    await node.signal('SIGSTOP');
    node.deliver('n2', 'x');
    await clock.sleep(100);
    await node.signal('SIGKILL');
    await node.signal('SIGCONT');
    await node.restart();
    await clock.sleep(100);
    expect(called).toEqual([]);
  });

  it('that ends by what it finds first finds nothing more', async () => {
    const { machine, node, clock } = await running();
    let messages = 0;
    machine.receive(() => {
      messages++;
      machine.exit(0);
    });
    await node.signal('SIGSTOP');
    for (const i of [1, 2, 3]) node.deliver('n2', i);
    await node.signal('SIGCONT');
    await clock.sleep(100);
    expect(messages).toBe(1);
  });
});

describe('a simulated program', () => {
  it('is not called any more when its life is over, and is heard of no more', async () => {
    const { machine, node, clock, sent, told } = await running();
    const called: string[] = [];
    machine.receive(() => called.push('message'));
    machine.after(30, () => called.push('timer'));
    machine.every(10, () => called.push('tick'));
    machine.soon(() => called.push('turn'));
    machine.send('n2', 'before');
    const old = node.program;
    await node.signal('SIGKILL');
    machine.send('n2', 'after');
    machine.write('after');
    machine.role('leader');
    machine.exit(9);
    old?.arrive('n2', 'x');
    await clock.sleep(100);
    expect(called).toEqual([]);
    expect(sent.map(({ message }) => message)).toEqual(['before']);
    expect(told).toEqual(['running', 'stopped']);
    expect(await node.lastEnd()).toMatchObject({ signal: 'SIGKILL' });
  });

  it.each([
    ['a message', (machine: Machine, run: () => void) => machine.receive(run)],
    ['the end of a turn', (machine: Machine, run: () => void) => machine.soon(run)],
    ['a tick', (machine: Machine, run: () => void) => void machine.every(1, run)],
  ])('goes on with what it waits for at the moment at which that comes: %s', async (_, ask) => {
    const { machine, node, clock } = await running();
    let came = NaN;
    const went = new Promise<void>((resolve) => ask(machine, () => {
      came = clock.now();
      resolve();
    })).then(() => clock.now());
    // Something else happens all the time, as in a cluster that is at work.
    for (let i = 0; i < 20; i++) machine.every(0.1, () => undefined);
    clock.in(2, () => node.deliver('n2', 'x'));
    expect(await went).toBe(came);
  });

  it('tells its part when that changes, and leaves the last lines of its log', async () => {
    const { machine, node, told } = await running();
    for (const role of ['follower', 'follower', 'leader']) machine.role(role);
    for (let i = 0; i < 30; i++) machine.write(`line ${i}\n`);
    machine.exit(1);
    expect(told.filter((words) => words.startsWith('role'))).toEqual(['role follower', 'role leader']);
    expect((await node.lastEnd())?.tail.split('\n')).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 10}`));
  });
});
