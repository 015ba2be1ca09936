import type { LinkFault } from '../../src/index.js';

/** What governs a directed link: the sum of the faults of all owners. */
export interface LinkState {
  readonly drop: 'stall' | 'reset' | undefined;
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Infinity: unlimited. */
  readonly bytesPerSecond: number;
  readonly lossRate: number;
  readonly duplicateRate: number;
  readonly reorderRate: number;
}

/** A link without faults. */
export const WHOLE: LinkState = { drop: undefined, delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity, lossRate: 0, duplicateRate: 0, reorderRate: 0 };

/** Adds faults up: cut if anyone cuts it (a reset outweighs a stall), delays summed, the narrowest bandwidth, chances as independent ones. */
export function combineFaults(faults: readonly LinkFault[]): LinkState {
  return faults.reduce<LinkState>(
    (sum, fault) => ({
      drop: sum.drop === 'reset' || fault.drop === 'reset' ? 'reset' : (fault.drop ?? sum.drop),
      delayMs: sum.delayMs + (fault.delayMs ?? 0),
      jitterMs: sum.jitterMs + (fault.jitterMs ?? 0),
      bytesPerSecond: Math.min(sum.bytesPerSecond, fault.bytesPerSecond ?? Infinity),
      lossRate: either(sum.lossRate, fault.lossRate),
      duplicateRate: either(sum.duplicateRate, fault.duplicateRate),
      reorderRate: either(sum.reorderRate, fault.reorderRate),
    }),
    WHOLE,
  );
}

/** The chance that at least one of two independent things happens. */
function either(a: number, b = 0): number {
  return 1 - (1 - a) * (1 - b);
}
