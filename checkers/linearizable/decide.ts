import { atMost, expired, type Budget } from '../shared/budget.js';
import type { Kinds } from './kinds.js';
import type { AnyModel } from './models/index.js';
import type { ObjectHistory } from './object-history.js';
import { orderOf } from './order.js';
import { Search, type Outcome } from './search.js';
import type { States } from './states.js';
import { classify, layOut, type Classified, type Piece, type Timeline } from './timeline.js';

/** What a search found, and how far it got. Completions are counted: those of operations that certainly happened. */
export type Decision = {
  readonly visited: number;
  /** Completions there are, and how many of them could be put in order at best. */
  readonly completions: number;
  readonly ordered: number;
} & (
  | { readonly valid: true }
  | { readonly valid: false; /** Undefined: it was not wanted. */ readonly stuck: Stuck | undefined }
  | { readonly valid: 'unknown'; readonly limit: 'time' | 'memory' }
);

/** Where every way to order the history ends. */
export interface Stuck {
  /** The operation whose completion nothing can take. */
  readonly op: number;
  /** The contradiction is complete before this position. */
  readonly end: number;
  /** Completions before it that were put in order. */
  readonly steps: number;
  /** States possible before it, for people, at most `STATES_SHOWN` of them; how many there are; whether no others are possible. */
  readonly states: readonly string[];
  readonly stateCount: number;
  readonly exhaustive: boolean;
  /** One order of the longest linearizable prefix: the last of it, each operation with the state after it. */
  readonly order: readonly { readonly op: number; readonly state: string }[];
  /** A piece of the history that is impossible whatever came before it, if one was found. */
  readonly piece: Piece | undefined;
}

/** What a search needs besides the history. */
export interface Context {
  readonly model: AnyModel;
  readonly initial: unknown;
  readonly kinds: Kinds;
  readonly states: States;
}

const STATES_SHOWN = 8;
const ORDER_SHOWN = 40;
/** Configurations without progress after which a piece of the history is looked at by itself; grows with every vain attempt. */
const FIRST_PATIENCE = 2_000;
const LATER_PATIENCE = 4;
/** The same for one piece. */
const PIECE_PATIENCE = 20_000;
/** Milliseconds spent at most on putting in order what comes before a contradiction. */
const PREFIX_MS = 5000;
/** Lengths of such pieces, in events. */
const SHORTEST_PIECE = 32;
const LONGEST_PIECE = 2048;

/**
 * Decides one object by search, with foresight where the model knows how. When it makes no progress, pieces of the history are tried by
 * themselves, which refutes most invalid histories locally, however long they are.
 */
export function decide(history: ObjectHistory, context: Context, budget: Budget, explain = true): { readonly decision: Decision; readonly classified: Classified } {
  const classified = classify(history, context.kinds);
  const line = layOut(classified, { begin: 0, end: history.positions });
  const search = new Search(line, context.kinds, context.states, [startOf(context)], true);
  const completions = line.returns.length;
  for (let patience = FIRST_PATIENCE; ; patience *= LATER_PATIENCE) {
    const outcome = search.run(budget, patience);
    const found = { visited: search.visited, completions, ordered: search.deepest };
    if (outcome === 'valid') return { classified, decision: { ...found, ordered: completions, valid: true } };
    if (outcome === 'time' || outcome === 'memory') return { classified, decision: { ...found, valid: 'unknown', limit: outcome } };
    if (outcome === 'invalid' && !explain) return { classified, decision: { ...found, valid: false, stuck: undefined } };
    const op = line.op[line.returns[search.deepest] as number] as number;
    const piece = impossiblePiece(classified, context, (history.ret[op] as number) + 1, patience, budget) ?? (outcome === 'invalid' ? { begin: 0, end: history.positions } : undefined);
    if (piece === undefined) continue;
    const stuck = explain ? stuckAt(classified, context, piece, budget, { search, line }) : undefined;
    return { classified, decision: { ...found, ordered: stuck?.steps ?? search.deepest, valid: false, stuck } };
  }
}

function startOf({ model, initial, states }: Context): number {
  return states.id(model.init(initial));
}

/**
 * Looks for a piece of the history around a position that no state before it makes possible. In it, operations that were open at its
 * beginning may have taken effect before it, and those that complete after it have no obligation: if not even so an order exists, the
 * whole history has none, however long it is.
 */
export function impossiblePiece(classified: Classified, context: Context, around: number, patience: number, budget: Budget): Piece | undefined {
  for (let length = SHORTEST_PIECE; length <= LONGEST_PIECE && length < around && !expired(budget); length *= 2) {
    const piece = { begin: around - length, end: Math.min(classified.history.positions, around + length / 4) };
    const outcome = tryPiece(classified, context, piece, patience, budget);
    if (outcome === undefined) return undefined;
    if (outcome === 'invalid') return piece;
  }
  return undefined;
}

/** A search of the whole that found no order. */
interface Vain {
  readonly search: Search;
  readonly line: Timeline;
}

/** Where an impossible piece becomes impossible, what was possible until then, and the piece up to there. */
function stuckAt(classified: Classified, context: Context, piece: Piece, budget: Budget, vain: Vain): Stuck {
  const end = firstImpossibleEnd(classified, context, piece, budget);
  const op = (classified.history.events[end - 1] as number) >> 1;
  // The vain search often came exactly so far, and need not be done again.
  const known = vain.line.op[vain.line.returns[vain.search.deepest] as number] === op;
  const before = known ? vain : searchOf(classified, context, { begin: 0, end: end - 1 });
  const outcome = known ? 'valid' : before?.search.run(atMost(budget, PREFIX_MS), Infinity);
  // The prefix has a contradiction of its own, which another piece than this shows: go back to that.
  if (outcome === 'invalid') return stuckAt(classified, context, { begin: 0, end: end - 1 }, budget, vain);
  const order = before === undefined ? [] : orderOf(before.search.way(), before.line, context.kinds, context.states, classified.kind);
  return {
    op,
    end,
    piece: piece.begin === 0 ? undefined : { begin: piece.begin, end },
    steps: known ? vain.search.deepest : outcome === 'valid' ? (before?.line.returns.length ?? 0) : (before?.search.deepest ?? 0),
    order: order.slice(-ORDER_SHOWN).map(({ op, state }) => ({ op, state: context.states.show(state) })),
    ...statesBefore(classified, context, { begin: piece.begin, end }, budget),
  };
}

/** The smallest end at which a piece is impossible: what is impossible stays so when more is added to it. */
function firstImpossibleEnd(classified: Classified, context: Context, { begin, end }: Piece, budget: Budget): number {
  let [possible, impossible] = [begin, end];
  while (impossible - possible > 1 && !expired(budget)) {
    const middle = (possible + impossible) >>> 1;
    if (tryPiece(classified, context, { begin, end: middle }, PIECE_PATIENCE, budget) === 'invalid') impossible = middle;
    else possible = middle;
  }
  return impossible;
}

/** The states that are possible before the last completion of an impossible piece: all that a search without foresight meets there. */
function statesBefore(classified: Classified, context: Context, piece: Piece, budget: Budget): Pick<Stuck, 'states' | 'stateCount' | 'exhaustive'> {
  const made = searchOf(classified, context, piece, false);
  const outcome = made?.search.run(budget, PIECE_PATIENCE);
  const reached = made !== undefined && made.search.deepest === made.line.returns.length - 1;
  const states = reached ? made.search.deepestStates() : [];
  return { states: states.slice(0, STATES_SHOWN).map((state) => context.states.show(state)), stateCount: states.length, exhaustive: outcome === 'invalid' && reached };
}

/** Searches a piece by itself. Undefined: its states cannot be listed, as it does not begin the history. */
export function tryPiece(classified: Classified, context: Context, piece: Piece, patience: number, budget: Budget): Outcome | undefined {
  return searchOf(classified, context, piece)?.search.run(budget, patience);
}

/** The search of a piece, and what it searches. Undefined: its states cannot be listed, as it does not begin the history. */
export function searchOf(classified: Classified, context: Context, piece: Piece, foresight = true): { readonly search: Search; readonly line: Timeline } | undefined {
  const { model, initial, kinds, states } = context;
  const line = layOut(classified, piece);
  if (piece.begin === 0) return { line, search: new Search(line, kinds, states, [startOf(context)], foresight) };
  const present = new Set([...line.kind, ...line.classes.map(({ kind }) => kind)]);
  const starts = model.representatives?.([...present].flatMap((kind) => kinds.ops[kind] ?? []), initial);
  if (starts === undefined) return undefined;
  return { line, search: new Search(line, kinds, states, [...new Set(starts.map((start) => states.id(start)))], foresight) };
}
