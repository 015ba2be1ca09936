import { expired, type Budget } from '../shared/budget.js';
import type { Blocks } from './blocks.js';
import type { Digraph } from './digraph.js';
import { Placement } from './placement.js';
import type { Steps } from './steps.js';

/** What a search for an order came to. */
export type Witness =
  /** A legal order of the steps that keeps every session. */
  | { readonly kind: 'valid'; readonly order: readonly number[] }
  /** There is none: everything was tried. `placed` is the most that could be put in order, `stuck` what came next in the sessions then. */
  | { readonly kind: 'invalid'; readonly placed: number; readonly stuck: readonly number[] }
  | { readonly kind: 'unknown'; readonly limit: 'time' | 'memory' | 'dead-ends'; readonly placed: number; readonly of: number };

/** Choices between two looks at the clock. */
const CLOCK_INTERVAL = 256;

/** A point where the search may go on in several ways. */
interface Choice {
  /** Steps placed before it. */
  readonly size: number;
  /** Rank of the last way that was tried. */
  tried: number;
}

/**
 * Looks for a legal order depth first, by real time: of the writes that may come next, first the one whose block lies first in time, as most systems are
 * nearly linearizable. What cannot do harm is placed at once (see Placement.settle), so that only beginnings of blocks are choices. A
 * situation that led nowhere is remembered and not entered again. The graph has no cycle; its demands cut off most of what would lead nowhere.
 */
export function findWitness(graph: Digraph, history: Steps, blocks: Blocks, budget: Budget, mostDeadEnds = Infinity): Witness {
  const placement = new Placement(graph, history, blocks);
  const deadEnds = new Set<string>();
  /** Most situations are told from all dead ends by their digest. */
  const digests = new Set<number>();
  const choices: Choice[] = [];
  let bytes = 0;
  let best = -1;
  let stuck: readonly number[] = [];
  let sinceClock = 0;
  let fresh = true;
  for (;;) {
    if (fresh) {
      placement.settle();
      if (placement.complete) return { kind: 'valid', order: placement.order() };
      if (placement.required > best) {
        best = placement.required;
        stuck = placement.next();
      }
      if (!digests.has(placement.digest) || !deadEnds.has(placement.situation())) choices.push({ size: placement.size, tried: -1 });
      else fresh = false;
    }
    const choice = choices.at(-1);
    if (choice === undefined) return { kind: 'invalid', placed: best, stuck };
    if (!fresh) placement.undo(choice.size);
    fresh = placement.choose(choice.tried);
    if (fresh) choice.tried = placement.lastRank;
    else {
      choices.pop();
      const situation = placement.situation();
      deadEnds.add(situation);
      digests.add(placement.digest);
      bytes += 2 * situation.length + 64;
      if (deadEnds.size > mostDeadEnds) return { kind: 'unknown', limit: 'dead-ends', placed: best, of: placement.obligations };
      if (bytes > budget.memoryBytes / 2) return { kind: 'unknown', limit: 'memory', placed: best, of: placement.obligations };
    }
    if (++sinceClock >= CLOCK_INTERVAL) {
      sinceClock = 0;
      if (expired(budget)) return { kind: 'unknown', limit: 'time', placed: best, of: placement.obligations };
    }
  }
}
