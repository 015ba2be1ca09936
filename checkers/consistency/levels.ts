import type { Anomaly, Verdict } from '../../src/index.js';

/** The session guarantees (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994). */
export const GUARANTEES = ['read-your-writes', 'monotonic-reads', 'monotonic-writes', 'writes-follow-reads'] as const;

/** The promises that are judged here, strongest first. */
export const LEVELS = ['sequential', 'cache', ...GUARANTEES] as const;

export type Guarantee = (typeof GUARANTEES)[number];
export type Level = (typeof LEVELS)[number];

/** What each level promises, as a sentence. */
export const PROMISES: Readonly<Record<Level, string>> = {
  sequential: 'All operations on all keys fit into one order that keeps the order of each session.',
  cache: 'The operations on each key fit into one order that keeps the order of each session on that key.',
  'read-your-writes': 'A session that wrote a value never reads an older one.',
  'monotonic-reads': 'A session that read a value never reads an older one later.',
  'monotonic-writes': 'The writes of a session are ordered as it made them.',
  'writes-follow-reads': 'What a session writes is ordered after what it had read.',
};

/** What was found for one level. `true` and `false` are theorems about the history. */
export interface LevelResult {
  readonly valid: Verdict;
  /** One line. */
  readonly summary: string;
  readonly anomalies: readonly Anomaly[];
  /** Figures, for results.json. */
  readonly detail?: Readonly<Record<string, unknown>>;
}
