import type { CoreBugName, WalRecord } from '../index.js';
import { Solo, type soloConfig } from './solo.js';

/** Makes a replica that the test drives by hand. */
export type SoloMaker = (changes?: Parameters<typeof soloConfig>[0], records?: readonly WalRecord[]) => Solo;

/** The same interleaving without and with a bug: what comes out, in each case. */
export function both<T>(bug: CoreBugName, run: (make: SoloMaker) => T): { readonly right: T; readonly wrong: T } {
  const maker = (bugs: readonly string[]): SoloMaker => (changes = {}, records = []) => new Solo({ ...changes, bugs: new Set(bugs) }, records);
  return { right: run(maker([])), wrong: run(maker([bug])) };
}
