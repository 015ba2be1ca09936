import { atMost, expired, type Budget } from '../shared/budget.js';
import type { Entry } from './entries.js';
import type { AnyModel } from './models/index.js';
import { search, type Stuck } from './search.js';
import { layOut } from './timeline.js';

/**
 * The heart of a violation: operations whose results cannot all be right even if every other operation of the history is free to have happened
 * in its interval or not, and every other read is ignored. As that only adds ways to order the history, an impossible core proves the
 * whole history impossible.
 */
export interface Core {
  readonly entries: readonly Entry[];
  /** Whether each of them is needed (one-minimal); false if the effort allowed ran out before that was shown. */
  readonly minimal: boolean;
}

const FIRST_WINDOW = 8;

/** Finds a core of an invalid history, for at most `effortMs` milliseconds; undefined if that was too little to find any. */
export function coreOf(entries: readonly Entry[], model: AnyModel, initial: unknown, stuck: Stuck, budget: Budget, effortMs: number): Core | undefined {
  const effort = atMost(budget, effortMs);
  const end = entries[stuck.entry]?.ret ?? Infinity;
  // What began later comes after everything that is forced by then; what completes later is never required.
  const prefix = entries.filter((entry) => entry.inv < end);
  const byReturn = [...prefix.keys()].filter((i) => (prefix[i]?.ret ?? Infinity) <= end).sort((a, b) => (prefix[a]?.ret ?? 0) - (prefix[b]?.ret ?? 0));
  const impossible = (required: readonly number[]): boolean => {
    const released = new Uint8Array(prefix.length).fill(1);
    for (const i of required) released[i] = 0;
    return search(layOut(prefix, model, released), model, initial, effort).kind === 'invalid';
  };
  for (let window = FIRST_WINDOW; !expired(effort); window *= 2) {
    const required = byReturn.slice(-window);
    if (!impossible(required)) continue;
    const { kept, minimal } = minimize(required, impossible, effort);
    return { entries: kept.sort((a, b) => a - b).map((i) => prefix[i] as Entry), minimal };
  }
  return undefined;
}

/** Delta debugging (Zeller & Hildebrandt, TSE 28(2), 2002) by complements only: leaves out ever smaller chunks, oldest first, until no single one can go. */
function minimize(required: readonly number[], impossible: (required: readonly number[]) => boolean, effort: Budget): { readonly kept: number[]; readonly minimal: boolean } {
  let kept = [...required];
  for (let chunk = Math.ceil(kept.length / 2); ; chunk = Math.max(1, Math.floor(chunk / 2))) {
    let dropped = false;
    for (let at = 0; at < kept.length; ) {
      if (expired(effort)) return { kept, minimal: false };
      const rest = [...kept.slice(0, at), ...kept.slice(at + chunk)];
      if (rest.length > 0 && impossible(rest)) [kept, dropped] = [rest, true];
      else at += chunk;
    }
    if (chunk === 1 && !dropped) return { kept, minimal: !expired(effort) };
  }
}
