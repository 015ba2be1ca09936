import type { Capability } from '../control/capability.js';
import type { Generator } from '../generator/types.js';
import type { Random } from '../random/random.js';
import type { Run } from './run-context.js';

/** A fault as it stands in the history: what was done, to whom. Enough for a report or a replay. */
export interface FaultValue {
  /** Which kind of the nemesis's faults: `majority-minority`, `one-way`, `leader` ... */
  readonly kind: string;
  /** Nodes that it acts on. */
  readonly targets?: readonly string[];
  /** Receiver -> senders it does not hear. */
  readonly grudge?: Readonly<Record<string, readonly string[]>>;
  /** Anything more, e.g. `drop: 'reset'`, `delayMs: 200`. */
  readonly [detail: string]: unknown;
}

/** What the end of a fault says: whether it bit, and whether it is gone. */
export interface FaultEnd extends FaultValue {
  /** Whether the fault was seen to have an effect, with the evidence for people. */
  readonly effect: { readonly observed: boolean; readonly evidence: string };
  /** Whether its end was seen to have an effect. */
  readonly healed: { readonly observed: boolean; readonly evidence: string };
}

export interface NemesisCall {
  /** `start` begins a fault, `stop` ends it. */
  readonly f: 'start' | 'stop';
  /** What the generator chose (seeded): kind, and targets as far as they do not depend on the state of the run. */
  readonly value: unknown;
}

/** A kind of fault. It remembers what it has in force, so that `stop` and `heal` undo exactly that. */
export interface Nemesis {
  readonly name: string;
  readonly description: string;
  readonly needs: readonly Capability[];
  /** Kinds of fault it chooses from, with what each does. */
  readonly kinds: Readonly<Record<string, string>>;
  /** What single kinds need besides: they are left out where it cannot be had. */
  readonly kindNeeds?: Readonly<Record<string, readonly Capability[]>>;
  /** Makes the nemesis of one run. */
  create(run: Run): RunningNemesis;
}

export interface RunningNemesis {
  /** Its schedule for the load phase: alternating start and stop at a pace of its own, chosen from the seed alone. */
  generator(random: Random): Generator;
  /** Does it. The result is the completion's value: FaultValue for start, FaultEnd for stop. A throw is recorded and the run goes on. */
  invoke(call: NemesisCall, signal: AbortSignal): Promise<FaultValue | FaultEnd>;
  /** Ends what is still in force, verified; idempotent. Returns the ends of the faults that it ended, if any. */
  heal(signal: AbortSignal): Promise<readonly FaultEnd[]>;
}

/** All that nemeses may use, whether it can be had or not. */
export function needsOf(nemeses: readonly Nemesis[]): readonly Capability[] {
  return [...new Set(nemeses.flatMap(({ needs, kindNeeds = {} }) => [...needs, ...Object.values(kindNeeds).flat()]))];
}
