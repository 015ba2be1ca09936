import type { LinkFault } from './links.js';

/** Who does not hear whom: receiver -> the senders whose messages it does not get. */
export type Grudge = ReadonlyMap<string, ReadonlySet<string>>;

/** The link faults that put a grudge into force. */
export function grudgeFaults(grudge: Grudge, drop: 'stall' | 'reset'): readonly LinkFault[] {
  return [...grudge].flatMap(([to, senders]) => [...senders].map((from) => ({ from, to, drop })));
}
