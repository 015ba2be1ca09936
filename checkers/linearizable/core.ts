import { atMost, expired, type Budget } from '../shared/budget.js';
import { impossiblePiece, tryPiece, type Context, type Stuck } from './decide.js';
import type { Classified, Piece } from './timeline.js';

/**
 * The heart of a violation: operations whose results cannot all be right even if every other operation of the history is free to have happened
 * in its interval or not, and every other read is ignored. As that only adds ways to order the history, an impossible core proves the
 * whole history impossible.
 */
export interface Core {
  /** Numbers of the operations, in order of invocation. */
  readonly operations: readonly number[];
  /** Whether each of them is needed (one-minimal); false if the effort allowed ran out before that was shown. */
  readonly minimal: boolean;
}

const FIRST_WINDOW = 8;
/** Configurations that one attempt may visit. */
const PATIENCE = 20_000;

/** Finds a core of an invalid history, for at most `effortMs` milliseconds; undefined if that was too little to find any. */
export function coreOf(classified: Classified, context: Context, stuck: Stuck, budget: Budget, effortMs: number): Core | undefined {
  const effort = atMost(budget, effortMs);
  const { inv, events } = classified.history;
  // What completes later is never required.
  const { end } = stuck;
  const piece = stuck.piece ?? impossiblePiece(classified, context, end, PATIENCE, effort) ?? { begin: 0, end };
  const byReturn: number[] = [];
  for (let position = piece.begin; position < end; position++) {
    const event = events[position] as number;
    if ((event & 1) === 1 && (inv[event >> 1] as number) >= piece.begin) byReturn.push(event >> 1);
  }
  const impossible = impossibleIn(classified, context, piece, effort);
  for (let window = FIRST_WINDOW; !expired(effort); window *= 2) {
    const required = byReturn.slice(-window);
    if (impossible(required)) {
      const { kept, minimal } = minimize(required, impossible, effort);
      return { operations: kept.sort((a, b) => a - b), minimal };
    }
    if (window > byReturn.length) return undefined;
  }
  return undefined;
}

function impossibleIn(classified: Classified, context: Context, piece: Piece, effort: Budget): (required: readonly number[]) => boolean {
  const released = new Uint8Array(classified.history.size);
  return (required) => {
    released.fill(1);
    for (const i of required) released[i] = 0;
    return tryPiece(classified, context, { ...piece, released }, PATIENCE, effort) === 'invalid';
  };
}

/** Delta debugging (Zeller & Hildebrandt, TSE 28(2), 2002) by complements only: leaves out ever smaller chunks, oldest first, until no single one can go. */
function minimize(required: readonly number[], impossible: (required: readonly number[]) => boolean, effort: Budget): { readonly kept: number[]; readonly minimal: boolean } {
  let kept = [...required];
  for (let chunk = Math.ceil(kept.length / 2); ; chunk = Math.max(1, Math.floor(chunk / 2))) {
    let dropped = false;
    for (let at = 0; at < kept.length; ) {
      if (expired(effort)) return { kept, minimal: false };
      const rest = [...kept.slice(0, at), ...kept.slice(at + chunk)];
      if (rest.length > 0 && impossible(rest)) {
        kept = rest;
        dropped = true;
      } else at += chunk;
    }
    if (chunk === 1 && !dropped) return { kept, minimal: !expired(effort) };
  }
}
