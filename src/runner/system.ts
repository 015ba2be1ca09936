import type { z } from 'zod';
import type { Capability } from '../control/capability.js';
import type { Node } from '../control/cluster.js';
import type { Simulation } from '../control/machine.js';
import type { ClientAdapter } from './client.js';
import type { Run } from './run-context.js';

/** A switchable bug of a bundled system: what `faultline bugs` lists. */
export interface BugInfo {
  readonly name: string;
  /** What the code does wrong, one sentence. */
  readonly meaning: string;
  /** The part of the protocol it belongs to, e.g. `phase 1`, `sessions`, `reads`. */
  readonly part: string;
  /** Nemeses that bring it out. */
  readonly faults: readonly string[];
  /** Workloads that show it. */
  readonly workloads: readonly string[];
  readonly symptom: string;
  /** How the run must fail: a broken promise, or no progress. */
  readonly kind: 'safety' | 'liveness';
  /** Options of the system with which the bug is run unless others are given: those it has by default would hide it. */
  readonly setting?: Readonly<Record<string, unknown>>;
  /**
   * Why nobody can see it from outside, where that is so: the bug is an honest control. The expected verdict is then "survives", in any run; `faults` and `workloads` are those under which it
   * was looked for, `kind` is what it would break if it broke anything, and `symptom` what it costs.
   */
  readonly survives?: string;
}

/**
 * An honest control that is a bug in a setting that hides it: the same code is found elsewhere, but must not be with these nemeses and no others. In a simulation neither the world nor the runner
 * may make trouble besides: it is calm, and no quorum is left alone. The expected verdict is "survives", and a failure is a false alarm of the tester. A bug that nothing shows in any setting
 * says so itself: `BugInfo.survives`.
 */
export interface ControlInfo {
  readonly name: string;
  /** Name of the bug that is switched on. */
  readonly bug: string;
  /** The nemeses that may take part; none if empty. */
  readonly faults: readonly string[];
  /** Why nobody can see it from outside. */
  readonly survives: string;
}

/** What a node says of itself; for the monitor and for nemeses that aim at the leader. Never used for a verdict. */
export interface NodeStatus {
  /** Name of the node that this one believes to lead, or undefined. */
  readonly leader?: string;
  /** The leader's term, epoch, or ballot as text; a new one means a leader change. */
  readonly term?: string;
  readonly role?: string;
  /** What the node's wall clock shows: milliseconds since 1970. */
  readonly wallMs?: number;
  /** Where the node stands: whatever else it tells in figures. */
  readonly gauges?: Readonly<Record<string, number>>;
  /** Tells the lives of the node's program apart. */
  readonly life?: string;
  /** Counters of the node since its start, which only grow: what happened and how often. Summed over all nodes they say what a run has exercised. */
  readonly counters?: Readonly<Record<string, number>>;
}

/** A system under test. What is optional is a capability. */
export interface System {
  readonly name: string;
  readonly description: string;
  /** Names of the ports a node listens on. */
  readonly ports: readonly string[];
  /** Those of them that nodes use among themselves. */
  readonly peerPorts: readonly string[];
  /** Parses the system's own options; unknown ones are an error. */
  readonly options: z.ZodType;
  readonly bugs?: readonly BugInfo[];
  /** Settings in which one of the bugs must not be found. */
  readonly controls?: readonly ControlInfo[];
  /** What it promises with the given options (as `options` has parsed them), where that is less than linearizability: a level of the checker `consistency`. */
  promise?(options: unknown): string | undefined;
  /** How many nodes, whichever they are, can do everything by themselves with the given options (as `options` has parsed them). A majority if left out. */
  quorum?(options: unknown, nodes: number): number;
  /** The workloads it can run. */
  readonly workloads: readonly string[];
  readonly capabilities?: readonly Capability[];
  /** The image that its nodes run in a cluster of containers; faultline's own node image (Debian with Node.js) if left out. */
  readonly image?: string;
  /** Of the files below the data folder, those that its program is only appending to: a write that was torn leaves a tail there, with which it must cope. */
  appendOnlyFiles?(files: readonly string[]): readonly string[];
  /** Files and packages on the node, before the first start. */
  install?(node: Node, run: Run): Promise<void>;
  /** Starts the node's program (node.start). */
  start(node: Node, run: Run): Promise<void>;
  /** Resolves when the node answers; rejects at the signal. It need not be able to serve yet. */
  ready(node: Node, run: Run, signal: AbortSignal): Promise<void>;
  /** A snapshot of the node's view, or undefined if it does not answer within the signal. */
  status?(node: Node, run: Run, signal: AbortSignal): Promise<NodeStatus | undefined>;
  /** Nodes that lead now, newest term first, as far as one can tell from outside. */
  primaries?(run: Run, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * What a power failure leaves: called when the node's program is gone, it takes from the data folder what had not been made durable, and says in words what
   * that was. Goes with the capability `power-loss`.
   */
  powerLoss?(node: Node, run: Run): Promise<string>;
  /** Changes who belongs to the cluster. Goes with the capability `membership`. */
  readonly members?: Members;
  /**
   * Asks the node that leads to hand over to another one, or to whom it likes. Says in words what it answered; rejects if it did not. Whether anybody else leads afterwards is for others to see.
   * Goes with the capability `transfer`.
   */
  transfer?(leader: string, to: Node | undefined, run: Run, signal: AbortSignal): Promise<string>;
  /** How it runs in a simulation. Absent: it does not. */
  readonly simulate?: Simulation;
  readonly client: ClientAdapter;
}

/** How a system's cluster loses and gains members. Each works until it is done or the signal is aborted, and may then be asked again; what was done already does no harm. */
export interface Members {
  /** Takes the nodes out, in one change if the system can. Their programs go on. Resolves when the others can do without what these have: they may be switched off and wiped. */
  remove(nodes: readonly Node[], run: Run, signal: AbortSignal): Promise<void>;
  /** Takes a node in whose program is stopped and whose data folder is empty, in place of whoever was a member there. It starts the program, and resolves when the node is a member. */
  add(node: Node, run: Run, signal: AbortSignal): Promise<void>;
  /** How many nodes may be gone for good at a time, so that the others can still take new ones in their places. By default a minority. */
  bearableLosses?(run: Run): number;
  /** Resolves when every node knows who the members are: before, a quorum of the new ones may depend on one of the old. Rejects at the signal. */
  settled(run: Run, signal: AbortSignal): Promise<void>;
  /** Names of the nodes that are members, as far as can be told. */
  list(run: Run, signal: AbortSignal): Promise<readonly string[]>;
}
