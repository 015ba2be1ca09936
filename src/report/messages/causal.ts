import type { TracedMessage } from '../../history/trace.js';
import { arrived } from './input.js';

/** A stretch of one lane: that of an operation at its client. Nanoseconds. */
export interface Stretch {
  readonly lane: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * The messages that can have carried an operation: sent after something that its invocation may have caused, and arrived before something that may have caused
 * its completion (Lamport's happened-before, CACM 21(7), 1978, with lanes as processes). `messages` in order of sending; what was lost, and routine, carries nothing.
 */
export function messagesBetween(messages: readonly TracedMessage[], { lane, fromNs, toNs }: Stretch): ReadonlySet<TracedMessage> {
  const inside = messages.filter((message) => message.routine !== true && arrived(message) && message.sentNs >= fromNs && message.arrivedNs <= toNs).filter(arrived);
  const reached = new Map([[lane, fromNs]]);
  const after = inside.filter(({ from, to, sentNs, arrivedNs }) => {
    if ((reached.get(from) ?? Infinity) > sentNs) return false;
    reached.set(to, Math.min(reached.get(to) ?? Infinity, arrivedNs));
    return true;
  });
  const needed = new Map([[lane, toNs]]);
  const both = [...after]
    .sort((a, b) => b.arrivedNs - a.arrivedNs)
    .filter(({ from, to, sentNs, arrivedNs }) => {
      if ((needed.get(to) ?? -Infinity) < arrivedNs) return false;
      needed.set(from, Math.max(needed.get(from) ?? -Infinity, sentNs));
      return true;
    });
  return new Set(both);
}
