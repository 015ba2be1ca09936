import type { Cluster, ClusterProvider, ProvisionRequest } from '../control/cluster.js';
import { FaultlineError, messageOf } from '../errors.js';
import { any, clients, onNemesis, onThreads, stagger, timeLimit, type Generator, type ThreadId } from '../generator/index.js';
import { CorePhase, drawCore, type CorePlan } from './core-phase.js';
import { isClientOp, type Key, type Op } from '../history/op.js';
import type { TraceEvent } from '../history/trace.js';
import { Random } from '../random/random.js';
import { realClock, type Clock } from '../time/clock.js';
import type { HistoryMonitor } from './checker.js';
import { earlyEndNote, FailFast } from './fail-fast.js';
import { interpret } from './interpreter.js';
import { unhealthyLinks } from './link-health.js';
import { Monitor } from './monitor.js';
import { atMoment } from './moments.js';
import { needsOf, type FaultEnd, type FaultValue, type Nemesis, type NemesisCall, type RunningNemesis } from './nemesis.js';
import type { Phase } from './phases.js';
import type { StoredPlan as TestPlan } from '../store/schema.js';
import { Recorder } from './recorder.js';
import { timedFaults, timedOps } from './script.js';
import type { Run } from './run-context.js';
import { reviveNodes, startNodes } from './run-nodes.js';
import type { NodeStatus, System } from './system.js';
import type { Workload } from './workload.js';

/** What a plan names, resolved. */
export interface TestParts {
  readonly system: System;
  /** The system's options as its schema parsed them. */
  readonly systemOptions: unknown;
  readonly provider: ClusterProvider;
  readonly workload: Workload;
  readonly nemeses: readonly Nemesis[];
  /** What ends the run at the first violation it proves; none: the run takes its time. */
  readonly monitors?: readonly HistoryMonitor[];
}

/** What a run tells while it goes on, and where its records go. */
export interface TestSinks {
  readonly runId: string;
  readonly runDir: string;
  /** Takes every event, at once, in order. What it throws ends the run. */
  event(op: Op): void;
  phase(phase: Phase): void;
  log(message: string): void;
  /** Takes what happens inside a simulation; left out: it is not wanted. */
  trace?(event: TraceEvent): void;
  /** Takes the abstract states of the cluster as the monitor sees them, as hashes: what a search goes by. */
  state?(fingerprint: number): void;
  /** Takes what the programs of simulated nodes log; on real ones they do it themselves. */
  nodeLog?(node: string, text: string): void;
}

/** What a run leaves besides its history. */
export interface TestOutcome {
  readonly nodes: readonly { readonly name: string; readonly status?: NodeStatus; readonly unexpectedExits: readonly string[] }[];
  /** What the nodes counted, in all their lives together. */
  readonly exercised?: Readonly<Record<string, number>>;
  /** What went wrong around the run without ending it: a node that could not be started again, a failed teardown. */
  readonly troubles: readonly string[];
  readonly interrupted: boolean;
}

/** Healing and the verification of it may take so long for each nemesis, milliseconds. */
const HEAL_MS = 20_000;
/** So long the nodes may take to agree on their members, milliseconds. */
const SETTLED_MS = 5000;

/**
 * Carries out a plan: provision, start, load under faults, heal, final phase, collect, tear down. Whatever happens, the
 * cluster is removed and the history is as far as it went. Throws what made the run impossible (FaultlineError: a node that does
 * not start, a port in use, a disk that is full); an aborted signal ends the run early and in order.
 */
export async function runTest(plan: TestPlan, parts: TestParts, sinks: TestSinks, signal: AbortSignal): Promise<TestOutcome> {
  const clock = parts.provider.virtual?.clock() ?? realClock();
  const random = Random.fromSeed(plan.seed);
  sinks.phase('provision');
  const { ports, peerPorts } = parts.system;
  const { runId, runDir } = sinks;
  const image = plan.image ?? parts.system.image;
  const cluster = await parts.provider.provision({
    runId,
    runDir,
    nodeCount: plan.nodes,
    ports,
    peerPorts,
    clock,
    random: random.fork('cluster'),
    ...(plan.basePort === undefined ? {} : { basePort: plan.basePort }),
    ...(image === undefined ? {} : { image }),
    needs: needsOf(parts.nemeses),
    log: (message) => sinks.log(message),
    signal,
    ...simulationOf(plan, parts, sinks),
  });
  const run = runOf(plan, parts, sinks, cluster, clock, random);
  const test = new TestRun(plan, parts, sinks, run, signal);
  let outcome: TestOutcome;
  try {
    outcome = await test.perform();
  } catch (error) {
    const trouble = await dispose(cluster);
    if (trouble !== undefined) sinks.log(trouble);
    throw error;
  }
  const trouble = await dispose(cluster);
  return trouble === undefined ? outcome : { ...outcome, troubles: [...outcome.troubles, trouble] };
}

/** The programs and the world of a run in virtual time. */
function simulationOf(plan: TestPlan, { provider, system, systemOptions }: TestParts, sinks: TestSinks): Pick<ProvisionRequest, 'simulation'> {
  if (provider.virtual === undefined || system.simulate === undefined) return {};
  const clockErrorRate = system.simulate.clockErrorRate(systemOptions);
  return { simulation: { programs: system.simulate, clockErrorRate, setting: plan.world, ...(sinks.trace === undefined ? {} : { trace: (event) => sinks.trace?.(event) }), ...(sinks.nodeLog === undefined ? {} : { log: (node, text) => sinks.nodeLog?.(node, text) }) } };
}

async function dispose(cluster: Cluster): Promise<string | undefined> {
  try {
    await cluster[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return `the cluster could not be removed: ${messageOf(error)} (faultline clean tries again)`;
  }
}

function runOf(plan: TestPlan, parts: TestParts, sinks: TestSinks, cluster: Cluster, clock: Clock, random: Random): Run {
  const { seed, concurrency, timeMs, rate } = plan;
  return { id: sinks.runId, seed, random: random.fork('run'), clock, cluster, system: parts.system, concurrency, nemeses: parts.nemeses.map(({ name }) => name), needs: needsOf(parts.nemeses), timeMs, rate, damage: plan.damage ?? 'minority', ...(plan.paces === undefined ? {} : { paces: plan.paces }), systemOptions: parts.systemOptions, log: (message) => sinks.log(message) };
}

/** Whether the end of a fault, as its nemesis tells it, leaves nothing that is known to be left. */
function isHealed(end: unknown): boolean {
  return (end as Partial<FaultEnd> | null)?.healed?.observed !== false;
}

/** The phases of a run on a provisioned cluster. */
class TestRun {
  readonly #recorder: Recorder;
  readonly #monitor: Monitor;
  readonly #nemeses: ReadonlyMap<string, RunningNemesis>;
  /** Nemeses with a fault that was begun, and was not seen to be gone. */
  readonly #inForce = new Set<string>();
  readonly #keys = new Set<Key>();
  readonly #troubles: string[] = [];
  readonly #failFast: FailFast;
  /** Ends the load: the run was interrupted, or a violation is proven. */
  readonly #proven = new AbortController();
  #processes: readonly number[] | undefined;
  /** By nemesis: how often it was called. */
  readonly #calls = new Map<string, number>();

  constructor(
    private readonly plan: TestPlan,
    private readonly parts: TestParts,
    private readonly sinks: TestSinks,
    private readonly run: Run,
    private readonly signal: AbortSignal,
  ) {
    this.#failFast = new FailFast(parts.monitors ?? [], (trouble) => this.#trouble(trouble));
    this.#recorder = new Recorder(run.clock, (op) => this.#record(op));
    const note = (f: string) => (value: unknown) => void this.#recorder.note('monitor', f, value);
    const setsClocks = parts.nemeses.some(({ needs }) => needs.includes('clock'));
    this.#monitor = new Monitor(run, { leader: note('leader'), ...(setsClocks ? { clocks: note('clocks') } : {}), ...(sinks.state === undefined ? {} : { state: (fingerprint: number) => sinks.state?.(fingerprint) }) });
    this.#nemeses = new Map(parts.nemeses.map((nemesis) => [nemesis.name, nemesis.create(run)]));
  }

  async perform(): Promise<TestOutcome> {
    const { system } = this.parts;
    await startNodes(this.run, this.signal);
    await system.client.setup?.(this.run, this.signal);
    const bad = this.parts.nemeses.length > 0 ? await unhealthyLinks(this.run, this.signal) : undefined;
    if (bad !== undefined && !this.signal.aborted) this.#trouble(`before any fault: ${bad}`);
    this.#monitor.start();
    try {
      this.#begin('load');
      await this.#interpret(this.#load());
      this.#begin('heal');
      await this.#heal();
      if ((this.plan.script?.core === undefined ? this.plan.core === true : this.plan.script.core !== null) && this.#goesOn) await this.#core();
      if (this.#goesOn) {
        this.#begin('final');
        await this.#interpret(clients(this.#bounded(this.#final())));
      }
      this.#begin('done');
      await this.#monitor.poll();
    } finally {
      await this.#monitor[Symbol.asyncDispose]();
    }
    if (this.#failFast.found === undefined) for (const words of this.#failFast.unfollowed) this.#trouble(`--fail-fast did not follow everything: ${words}; the final check judged it all the same`);
    return this.#outcome();
  }

  get #goesOn(): boolean {
    return !this.signal.aborted && this.#failFast.found === undefined;
  }

  /** So long a phase may take that shows whether all is served again. */
  #bounded(generator: Generator): Generator {
    return timeLimit(this.plan.livenessBoundMs + this.plan.callTimeoutMs, generator);
  }

  /** A quorum has to make progress by itself: its clients work, while what is outside stays broken. Then that is mended too. */
  async #core(): Promise<void> {
    const { run } = this;
    const leader = [...this.#monitor.latest()].find(([name, status]) => status.leader === name)?.[0];
    const scripted = this.plan.script?.core ?? undefined;
    const plan = scripted === undefined ? drawCore(run, run.random.fork('core'), leader) : { core: scripted.core, ailments: scripted.ailments as CorePlan['ailments'] };
    if (plan === undefined || !(await this.#settled())) return;
    const phase = new CorePhase(run, plan);
    this.#begin('core');
    this.#recorder.note('runner', 'core', plan);
    try {
      await phase.begin();
      const inCore = (thread: ThreadId): boolean => typeof thread === 'number' && plan.core.includes(this.#nodeOf(thread).name);
      const work = scripted === undefined ? this.parts.workload.final(run, [...this.#keys].slice(-2), 'core') : timedOps(scripted.ops, run.clock.now());
      await this.#interpret(onThreads(inCore, this.#bounded(work)));
    } finally {
      await phase.end();
    }
    this.#begin('heal');
    for (const failure of await reviveNodes(run, this.signal)) this.#trouble(`not up after the quorum was alone: ${failure}`);
  }

  /** Whether everybody knows who belongs to the cluster. */
  async #settled(): Promise<boolean> {
    const { members } = this.run.system;
    if (members === undefined || !this.run.nemeses.includes('members')) return true;
    try {
      await members.settled(this.run, this.run.clock.within(SETTLED_MS, this.signal));
      return true;
    } catch (error) {
      this.run.log(`no quorum is left alone: ${messageOf(error)}`);
      return false;
    }
  }

  #begin(phase: Phase): void {
    this.sinks.phase(phase);
    this.#recorder.note('runner', 'phase', phase);
  }

  #record(op: Op): void {
    if (isClientOp(op)) {
      if (op.key !== undefined) this.#keys.add(op.key);
    } else if (typeof op.process === 'string' && op.process.startsWith('nemesis/') && op.type !== 'invoke') {
      if (op.f === 'start') this.#inForce.add(op.process);
      else if (isHealed(op.value)) this.#inForce.delete(op.process);
    }
    this.sinks.event(op);
    if (this.#failFast.observe(op)) this.#endEarly();
  }

  /** Notes the violation right behind the event that proves it. The load ends when what is being recorded has been. */
  #endEarly(): void {
    const { found } = this.#failFast;
    if (found === undefined) return;
    const { f, value } = earlyEndNote(found);
    this.#recorder.note('runner', f, value);
    this.sinks.log(`violation at event #${found.event}, ending the run: ${found.message}`);
    queueMicrotask(() => this.#proven.abort(new Error('a violation is proven')));
  }

  #trouble(message: string): void {
    this.#troubles.push(message);
    this.sinks.log(message);
  }

  #load(): Generator {
    const { timeMs, script } = this.plan;
    const startNs = this.run.clock.now();
    const scripted = script?.faults;
    const faults = [...this.#nemeses].map(([name, nemesis]) => (scripted === undefined ? onNemesis(name, nemesis.generator(this.run.random.fork(`nemesis ${name}`))) : timedFaults(name, scripted, startNs)));
    return timeLimit(timeMs, any(clients(script?.load === undefined ? this.#work() : timedOps(script.load, startNs)), ...faults));
  }

  #work(): Generator {
    const { rate } = this.plan;
    const work = this.parts.workload.generator(this.run);
    return rate === 0 ? work : stagger(1000 / rate, work);
  }

  #final(): Generator {
    const final = this.plan.script?.final;
    return final === undefined ? this.parts.workload.final(this.run, [...this.#keys]) : timedOps(final, this.run.clock.now());
  }

  async #interpret(generator: Generator): Promise<void> {
    const { plan, run, parts } = this;
    const stats = await interpret({
      generator,
      threads: plan.concurrency,
      ...(this.#processes === undefined ? {} : { processes: this.#processes }),
      nemeses: new Map([...this.#nemeses].map(([name, nemesis]) => [name, (call, signal) => this.#invoke(name, nemesis, { f: call.f === 'start' ? 'start' : 'stop', value: call.value }, signal)])),
      openClient: ({ thread, process }, signal) => parts.system.client.open({ thread, process, node: this.#nodeOf(thread) }, run, signal),
      clientName: `the client of ${parts.system.name}`,
      nodeOf: (thread) => this.#nodeOf(thread).name,
      clock: run.clock,
      seed: plan.seed,
      record: (event) => this.#recorder.record(event),
      callTimeoutMs: plan.callTimeoutMs,
      signal: AbortSignal.any([this.signal, this.#proven.signal, ...(run.cluster.lost === undefined ? [] : [run.cluster.lost])]),
    });
    this.#processes = stats.processes;
    run.cluster.lost?.throwIfAborted();
  }

  #invoke(name: string, nemesis: RunningNemesis, call: NemesisCall, signal: AbortSignal): Promise<FaultValue | FaultEnd> {
    const share = this.plan.script?.faults === undefined ? (this.plan.paces?.[name]?.aimed ?? 0) : 0;
    if (share === 0) return nemesis.invoke(call, signal);
    const number = this.#calls.get(name) ?? 0;
    this.#calls.set(name, number + 1);
    return atMoment(this.run, nemesis, call, share, this.run.random.fork(`moment ${name} ${number}`), signal);
  }

  /** Clients are pinned to nodes round about, so that every node, on whichever side of a cut, has some. */
  #nodeOf(thread: number): Run['cluster']['nodes'][number] {
    const { nodes } = this.run.cluster;
    const node = nodes[thread % nodes.length];
    if (node === undefined) throw new FaultlineError('no-nodes', 'the cluster has no nodes');
    return node;
  }

  /** Ends every fault and makes sure that every node is up: each nemesis what it did, then the links, then whatever is still down. */
  async #heal(): Promise<void> {
    await Promise.all([...this.#nemeses].map(([name, nemesis]) => this.#healOne(name, nemesis)));
    this.run.cluster.lost?.throwIfAborted();
    await this.run.cluster.net.heal();
    // An interrupted run must be left quickly; its nodes are removed anyway.
    if (this.signal.aborted) return;
    const failures = await reviveNodes(this.run, this.signal);
    for (const failure of failures) this.#trouble(`not up after healing: ${failure}`);
    const bad = this.#nemeses.size > 0 ? await unhealthyLinks(this.run, this.signal) : undefined;
    if (bad !== undefined && !this.signal.aborted) this.#trouble(`after healing: ${bad}`);
  }

  async #healOne(name: string, nemesis: RunningNemesis): Promise<void> {
    const process = `nemesis/${name}`;
    const open = this.#inForce.has(process);
    if (open) this.#recorder.record({ process, type: 'invoke', f: 'stop', value: null });
    try {
      const ends = await nemesis.heal(this.run.clock.within(this.signal.aborted ? 1000 : HEAL_MS));
      if (open) this.#recorder.record({ process, type: 'info', f: 'stop', value: ends.at(-1) ?? null });
    } catch (error) {
      if (open) this.#recorder.record({ process, type: 'info', f: 'stop', value: null, error: { code: 'heal-failed', message: messageOf(error) } });
      this.#troubles.push(`nemesis ${name} could not heal: ${messageOf(error)}`);
    }
  }

  #outcome(): TestOutcome {
    const statuses = this.#monitor.latest();
    const exits = this.run.cluster.unexpectedExits();
    const nodes = this.run.cluster.nodes.map(({ name }) => {
      const status = statuses.get(name);
      const unexpectedExits = exits.filter(({ node }) => node === name).map(({ code, signal, tail }) => `${signal ?? `exit code ${code}`}: ${tail}`);
      return { name, ...(status === undefined ? {} : { status }), unexpectedExits };
    });
    return { nodes, exercised: this.#monitor.exercised(), troubles: this.#troubles, interrupted: this.signal.aborted };
  }
}
