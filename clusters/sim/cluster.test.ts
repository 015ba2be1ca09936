import { describe, expect, it } from 'vitest';
import { Random, realClock, type Exchange, type ProvisionRequest, type TraceEvent } from '../../src/index.js';
import { SimClock } from './clock.js';
import type { SimCluster } from './cluster.js';
import { provisionSim } from './provision.js';
import { CALM } from './setting.js';
import { programs, SPEC, type Program } from './testing/machines.js';

const never = new AbortController().signal;
/** From a client to a node, and back. */
const WAY_MS = 2;

function request(program: Program, over: Partial<ProvisionRequest> = {}): ProvisionRequest {
  return {
    runId: 'test', nodeCount: 2, ports: ['client'], peerPorts: [], runDir: '/run', clock: new SimClock(), random: Random.fromSeed(1), needs: [], log: () => undefined, signal: never,
    simulation: { programs: programs(program), clockErrorRate: 0.01, setting: { ...CALM, startMs: [5, 5], network: { ...CALM.network, clientMs: [WAY_MS, WAY_MS] } } },
    ...over,
  };
}

interface Served {
  readonly cluster: SimCluster;
  readonly clock: SimClock;
  readonly trace: readonly TraceEvent[];
  /** A request to n1. */
  readonly ask: (body: unknown, timeoutMs?: number, signal?: AbortSignal) => Promise<Exchange>;
}

/** Two nodes that run the program, once they serve. */
async function served(program: Program): Promise<Served> {
  const clock = new SimClock();
  const trace: TraceEvent[] = [];
  const asked = request(program, { clock });
  const simulation = asked.simulation && { ...asked.simulation, trace: (event: TraceEvent) => void trace.push(event) };
  const cluster = await provisionSim({ ...asked, ...(simulation === undefined ? {} : { simulation }) });
  for (const node of cluster.nodes) await node.start(SPEC);
  await clock.sleep(5);
  const endpoint = cluster.nodes[0]?.endpoint('client') ?? { host: '', port: 0 };
  return { cluster, clock, trace, ask: (body, timeoutMs = 1000, aborted) => cluster.exchange({ from: '7', endpoint, method: 'POST', path: '/op', body, timeoutMs, ...(aborted === undefined ? {} : { signal: aborted }) }) };
}

/** Answers after so many milliseconds. */
function answers(afterMs: number, heard: unknown[] = []): Program {
  return (machine) => machine.serve((request, answer) => {
    heard.push(request.body);
    machine.after(afterMs, () => answer({ status: 200, body: { was: request.body } }));
  });
}

describe('a request to a simulated node', () => {
  it('is answered after the way there, the work, and the way back', async () => {
    const { ask, clock, trace } = await served(answers(50));
    const startMs = clock.nowMs;
    expect(await ask('x')).toEqual({ kind: 'answer', status: 200, body: { was: 'x' } });
    expect(clock.nowMs - startMs).toBe(50 + 2 * WAY_MS);
    expect(trace.filter(({ kind }) => kind === 'message')).toEqual([
      { kind: 'message', from: '7', to: 'n1', sentNs: 5e6, arrivedNs: 7e6, sort: 'request', detail: '/op "x"' },
      { kind: 'message', from: 'n1', to: '7', sentNs: 57e6, arrivedNs: 59e6, sort: 'answer', detail: '{"was":"x"}' },
    ]);
  });

  it('is refused by a node that is down, or does not serve yet', async () => {
    const { ask, cluster, clock, trace } = await served(answers(0));
    await cluster.nodes[0]?.signal('SIGKILL');
    expect(await ask('x')).toEqual({ kind: 'not-sent', message: 'connection refused: n1 is down' });
    await cluster.nodes[0]?.restart();
    expect(await ask('x')).toMatchObject({ kind: 'not-sent' });
    await clock.sleep(5);
    expect(await ask('x')).toMatchObject({ kind: 'answer' });
    expect(trace.flatMap((event) => (event.kind === 'message' && event.lost !== undefined ? [event.lost] : []))).toEqual(['down', 'down']);
  });

  it('is lost when the node is killed before it has answered', async () => {
    const heard: unknown[] = [];
    const { ask, cluster, clock } = await served(answers(50, heard));
    clock.in(20, () => void cluster.nodes[0]?.signal('SIGKILL'));
    expect(await ask('x')).toEqual({ kind: 'lost', code: 'connection-lost', message: 'the connection was closed' });
    expect(heard).toEqual(['x']);
    expect(clock.nowMs).toBe(5 + 20 + WAY_MS);
  });

  it('is answered when the node is killed with the answer on its way', async () => {
    const { ask, cluster, clock } = await served(answers(50));
    clock.in(53, () => void cluster.nodes[0]?.signal('SIGKILL'));
    expect(await ask('x')).toMatchObject({ kind: 'answer' });
  });

  it('is lost when no answer comes in time, or its client has enough; the node works on', async () => {
    const heard: unknown[] = [];
    const { ask, clock, trace } = await served(answers(50, heard));
    expect(await ask('late', 10)).toEqual({ kind: 'lost', code: 'timeout', message: 'no answer in time' });
    expect(clock.nowMs).toBe(15);
    const stop = new AbortController();
    clock.in(1, () => stop.abort());
    expect(await ask('left', 1000, stop.signal)).toMatchObject({ kind: 'lost', code: 'timeout' });
    expect(clock.nowMs).toBe(16);
    expect(await ask('never sent', 1000, stop.signal)).toMatchObject({ kind: 'lost' });
    await clock.sleep(100);
    expect(heard).toEqual(['late', 'left']);
    expect(trace.filter((event) => event.kind === 'message' && event.lost === 'late').length).toBe(2);
  });

  it('waits for a paused node, and is answered when that goes on', async () => {
    const { ask, cluster, clock } = await served(answers(0));
    await cluster.nodes[0]?.signal('SIGSTOP');
    clock.in(200, () => void cluster.nodes[0]?.signal('SIGCONT'));
    expect(await ask('x')).toMatchObject({ kind: 'answer' });
    expect(clock.nowMs).toBe(205 + WAY_MS);
    await cluster.nodes[0]?.signal('SIGSTOP');
    expect(await ask('x', 100)).toMatchObject({ kind: 'lost', code: 'timeout' });
  });

  it('needs a node that there is', async () => {
    const { cluster } = await served(answers(0));
    expect(() => cluster.exchange({ endpoint: { host: 'n9', port: 1 }, method: 'GET', path: '/', body: null, timeoutMs: 1 })).toThrow('there is no node "n9"');
  });
});

describe('a simulated cluster', () => {
  it('carries messages between its nodes, which a cut holds and a death loses', async () => {
    const got: string[] = [];
    const { cluster, clock } = await served((machine) => {
      machine.receive((from, message) => got.push(`${from} to ${machine.node}: ${String(message)}`));
      if (machine.node === 'n1') machine.every(100, () => machine.send('n2', 'hello'));
    });
    await clock.sleep(250);
    expect(new Set(got)).toEqual(new Set(['n1 to n2: hello']));
    const before = got.length;
    await cluster.net.apply('cut', [{ from: 'n1', to: 'n2', drop: 'stall' }]);
    await clock.sleep(500);
    expect(got.length).toBe(before);
    await cluster.nodes[1]?.signal('SIGKILL');
    await cluster.nodes[1]?.restart();
    await clock.sleep(20);
    await cluster.net.heal();
    await clock.sleep(20);
    expect(got.length, 'what was held for the life before').toBe(before);
    await clock.sleep(150);
    expect(got.length).toBeGreaterThan(before);
  });

  it('keeps the ends that nobody asked for, and ends in silence', async () => {
    const { cluster, clock } = await served((machine) => {
      if (machine.node === 'n2') machine.after(10, () => machine.exit(3));
    });
    await clock.sleep(20);
    expect(cluster.unexpectedExits()).toEqual([{ node: 'n2', code: 3, signal: null, tail: '' }]);
    expect(cluster.supports('power-loss')).toBe(true);
    await cluster[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    expect(cluster.unexpectedExits().length).toBe(1);
    expect(await cluster.nodes[0]?.state()).toBe('stopped');
  });

  it('has clocks that are wrong by as much as the world and the system say, each by itself', async () => {
    const rates = async (drift: number): Promise<readonly number[]> => {
      const clock = new SimClock();
      const shown: (() => number)[] = [];
      const program: Program = (machine) => void shown.push(() => machine.monotonicMs());
      const cluster = await provisionSim(request(program, { clock, nodeCount: 5, simulation: { programs: programs(program), clockErrorRate: 0.1, setting: { ...CALM, clocks: { drift } } } }));
      for (const node of cluster.nodes) await node.start(SPEC);
      await clock.sleep(100);
      const before = shown.map((read) => read());
      await clock.sleep(1e6);
      return shown.map((read, i) => (read() - (before[i] ?? 0)) / 1e6);
    };
    expect((await rates(0)).map((rate) => rate.toFixed(9))).toEqual(Array.from({ length: 5 }, () => '1.000000000'));
    const wrong = await rates(1);
    expect(new Set(wrong).size).toBe(5);
    for (const rate of wrong) expect(Math.abs(rate - 1)).toBeLessThanOrEqual(0.1);
  });

  it('is not made without a simulated system, virtual time, and a world that makes sense', async () => {
    const { simulation: _, ...without } = request(answers(0));
    await expect(provisionSim(without)).rejects.toMatchObject({ code: 'not-simulated', exitCode: 254, hint: expect.stringContaining('--cluster local') as unknown });
    await expect(provisionSim(request(answers(0), { clock: realClock() }))).rejects.toMatchObject({ code: 'not-simulated' });
    await expect(provisionSim(request(answers(0), { simulation: { programs: programs(answers(0)), clockErrorRate: 0, setting: { network: { order: 'none' } } } }))).rejects.toThrow(/order/);
  });
});

it('a simulated cluster is lost, and time goes on, when messages make ever more messages', async () => {
  const { cluster, clock } = await served((machine) => {
    const other = machine.node === 'n1' ? 'n2' : 'n1';
    machine.receive(() => {
      machine.send(other, 'again');
      machine.send(other, 'and again');
    });
    machine.serve(() => machine.send(other, 'first'));
  });
  expect(cluster.lost.aborted).toBe(false);
  void cluster.exchange({ endpoint: cluster.nodes[0]?.endpoint('client') ?? { host: '', port: 0 }, method: 'POST', path: '/op', body: null, timeoutMs: 100 });
  await clock.sleep(5000);
  expect(cluster.lost.aborted).toBe(true);
  expect(cluster.lost.reason).toMatchObject({ code: 'storm', message: expect.stringMatching(/more than 500000 things happened within second 0 of virtual time/) as unknown });
}, 60_000);
