import type { StoredResults } from '../store/schema.js';

/** The verdict in a few words; color is never needed to tell them apart. */
export function verdictWords({ verdict, kind }: Pick<StoredResults, 'verdict' | 'kind'>): string {
  if (verdict === 'valid') return 'VALID: no violation found';
  if (verdict === 'unknown') return kind === 'coverage' ? 'UNKNOWN: the test showed too little' : 'UNKNOWN: not decided';
  return kind === 'liveness' ? 'INVALID: safe but stuck' : 'INVALID: a promise was broken';
}
