import type { Op } from '../../history/op.js';
import type { TraceEvent, TracedMessage, TracedNote, TracedState } from '../../history/trace.js';
import type { StoredAnomaly } from '../../store/schema.js';

/** What a diagram of messages is made of: a simulated run, and what was found wrong with its history. */
export interface MessagesInput {
  /** In any order. */
  readonly trace: readonly TraceEvent[];
  /** The whole history. */
  readonly ops: readonly Op[];
  readonly anomalies: readonly StoredAnomaly[];
  /** In the order of their lanes. */
  readonly nodes: readonly string[];
}

/** The events of a trace by kind, each in order of time; those of one moment stay in the order of the trace. */
export interface SortedTrace {
  readonly messages: readonly TracedMessage[];
  readonly states: readonly TracedState[];
  readonly notes: readonly TracedNote[];
}

/** Takes a trace apart. */
export function sortTrace(trace: readonly TraceEvent[]): SortedTrace {
  return {
    messages: trace.filter((event) => event.kind === 'message').sort((a, b) => a.sentNs - b.sentNs),
    states: trace.filter((event) => event.kind === 'state').sort((a, b) => a.atNs - b.atNs),
    notes: trace.filter((event) => event.kind === 'note').sort((a, b) => a.atNs - b.atNs),
  };
}

/** Whether a message came to its receiver. */
export function arrived(message: TracedMessage): message is TracedMessage & { readonly arrivedNs: number } {
  return message.arrivedNs !== undefined && message.lost === undefined;
}
