import { messageOf } from '../errors.js';
import type { Op } from '../history/op.js';
import type { Anomaly, HistoryMonitor } from './checker.js';

/** The name of the runner's note that ends a run early. */
const NOTE = 'fail-fast';

/** Why a run was ended early. */
export interface EarlyEnd {
  /** Index of the event at which the violation was proven. */
  readonly event: number;
  readonly message: string;
}

/** What the runner notes in the history when it ends a run early: `note('runner', ...)`. */
export function earlyEndNote({ event, message }: EarlyEnd): { readonly f: string; readonly value: EarlyEnd } {
  return { f: NOTE, value: { event, message } };
}

/** Whether and why a recorded run was ended early. */
export function earlyEndOf(ops: readonly Op[]): EarlyEnd | undefined {
  const value: unknown = ops.find((op) => op.process === 'runner' && op.f === NOTE)?.value;
  if (typeof value !== 'object' || value === null || !('event' in value) || !('message' in value)) return undefined;
  return { event: Number(value.event), message: String(value.message) };
}

/** Shows the events of a run to monitors, until one of them has proven a violation. A monitor that throws is left out from then on: it must not cost the run. */
export class FailFast {
  readonly #monitors: Set<HistoryMonitor>;
  readonly #trouble: (message: string) => void;
  #found: EarlyEnd | undefined;

  constructor(monitors: readonly HistoryMonitor[], trouble: (message: string) => void) {
    this.#monitors = new Set(monitors);
    this.#trouble = trouble;
  }

  /** The violation that was found, if any. */
  get found(): EarlyEnd | undefined {
    return this.#found;
  }

  /** What was not followed, so that a violation there would not have ended the run; in words. */
  get unfollowed(): readonly string[] {
    return [...this.#monitors].flatMap(({ unfollowed }) => unfollowed ?? []);
  }

  /** Whether this event proves a violation, the first of the run. */
  observe(op: Op): boolean {
    if (this.#found !== undefined) return false;
    for (const monitor of this.#monitors) {
      const anomaly = this.#ask(monitor, op);
      if (anomaly === undefined) continue;
      this.#found = { event: op.index, message: `${anomaly.key === undefined ? '' : `key ${anomaly.key}: `}${anomaly.message}` };
      return true;
    }
    return false;
  }

  #ask(monitor: HistoryMonitor, op: Op): Anomaly | undefined {
    try {
      return monitor.observe(op);
    } catch (error) {
      this.#monitors.delete(monitor);
      this.#trouble(`a monitor of --fail-fast failed at event #${op.index} and was left out: ${messageOf(error)}`);
      return undefined;
    }
  }
}
