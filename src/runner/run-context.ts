import type { Capability } from '../control/capability.js';
import type { Cluster } from '../control/cluster.js';
import type { Random } from '../random/random.js';
import type { Clock } from '../time/clock.js';
import type { System } from './system.js';

/** How a nemesis departs from its usual pace: factors of the quiet between two faults and of their length, and the kinds that it keeps to (all, if left out). */
export interface Pacing {
  readonly quiet: number;
  readonly length: number;
  readonly kinds?: readonly string[];
}

/** What every plug-in gets: the run it is part of. */
export interface Run {
  readonly id: string;
  readonly seed: number;
  /** The run's randomness; fork it with a label of your own. */
  readonly random: Random;
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly system: System;
  /** Number of client threads. */
  readonly concurrency: number;
  /** Names of the nemeses at work. */
  readonly nemeses: readonly string[];
  /** What they will use of the cluster and the system. */
  readonly needs: readonly Capability[];
  /** Length of the load phase, milliseconds. */
  readonly timeMs: number;
  /** By nemesis: how it departs from its usual pace. */
  readonly paces?: Readonly<Record<string, Pacing>>;
  /** Mean client operations a second over all clients; 0: as fast as they can. */
  readonly rate: number;
  /** Whose files faults may destroy: at most a minority of the nodes, unless it was asked for more. */
  readonly damage: 'minority' | 'majority';
  /** The system's own options, as its schema parsed them (`bugs` among them). */
  readonly systemOptions: unknown;
  /** A line for the run's own log (runner.log). */
  log(message: string): void;
}
