import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { againstTime, argumentId, invalid, nameOf, NONE, notApplicable, resultId, told } from './shared.js';

/** A grant whose token is known, and what releases it: operations, NONE if there is none. */
interface Grant {
  readonly acquire: number;
  readonly token: number;
  /** The release that succeeded; otherwise, of the indeterminate ones that name the token, the one that began first. */
  release: number;
  released: boolean;
}

/**
 * A lock with fencing tokens where every grant tells its token and every release names one: exact, in O(n log n). Tokens increase, so every linearization has the grants in the order of
 * their tokens, each but the last followed by its one release: layers of one operation each, and real time allows the order if and only if no operation ended before one of an earlier layer began.
 * Of several indeterminate releases of a token, the one that began first does wherever another does; all indeterminate ones are dropped that are not needed. An indeterminate acquire is dropped:
 * its token would be another one, which no release names, so it could only come last.
 */
export function fencedQuick(history: ObjectHistory, initial: unknown): Quick {
  const grants = grantsOf(history, typeof initial === 'number' ? initial : -Infinity);
  if ('kind' in grants) return grants;
  const wrong = addReleases(history, grants);
  if (wrong !== undefined) return wrong;
  const layer = new Int32Array(history.size).fill(NONE);
  for (const [i, { acquire, release }] of grants.entries()) {
    const next = grants[i + 1];
    if (release === NONE && next !== undefined) {
      return invalid('double-grant', `${told(history, acquire)} was never released, but ${told(history, next.acquire)} was granted after it.`, [acquire, next.acquire]);
    }
    layer[acquire] = 2 * i;
    if (release !== NONE) layer[release] = 2 * i + 1;
  }
  const pair = againstTime(history, layer);
  if (pair === undefined) return { kind: 'valid' };
  const [ended, begun] = pair;
  return invalid('tokens-against-time', `By their tokens ${told(history, begun)} comes before ${told(history, ended)}, but that had ended before it began.`, involved(grants, pair));
}

/** Grants in the order of their tokens. */
function grantsOf(history: ObjectHistory, last: number): Grant[] | Quick {
  const acquire = nameOf(history, 'acquire');
  const grants: Grant[] = [];
  for (let op = 0; op < history.size; op++) {
    if (history.f[op] !== acquire || history.ret[op] === PENDING) continue;
    const token = history.values.value(resultId(history, op));
    if (typeof token !== 'number') return notApplicable('a grant without a token');
    if (token <= last) return invalid('stale-token', `${told(history, op)}: the token ${last} had been granted before all.`, [op]);
    grants.push({ acquire: op, token, release: NONE, released: false });
  }
  grants.sort((a, b) => a.token - b.token);
  const twice = grants.findIndex(({ token }, i) => token === grants[i + 1]?.token);
  const [first, second] = [grants[twice], grants[twice + 1]];
  if (twice < 0 || first === undefined || second === undefined) return grants;
  return invalid('duplicate-token', `Two grants have one token: ${told(history, first.acquire)} and ${told(history, second.acquire)}.`, [first.acquire, second.acquire]);
}

function addReleases(history: ObjectHistory, grants: readonly Grant[]): Quick | undefined {
  const { size, values, ret } = history;
  const byToken = new Map(grants.map((grant) => [grant.token, grant]));
  const release = nameOf(history, 'release');
  const unknown = history.f.some((f, op) => f !== release && ret[op] === PENDING);
  for (let op = 0; op < size; op++) {
    if (history.f[op] !== release) continue;
    const value = values.value(argumentId(history, op));
    const grant = byToken.get((Array.isArray(value) ? value[0] : value) as number);
    const certain = ret[op] !== PENDING;
    if ((value ?? null) === null || (grant === undefined && unknown)) return notApplicable('a release of a token that is not known');
    if (grant === undefined) {
      if (certain) return invalid('never-granted', `${told(history, op)}: that token was never granted.`, [op]);
    } else if (certain && grant.released) {
      return invalid('double-release', `${told(history, grant.release)} and ${told(history, op)} both succeeded.`, [grant.acquire, grant.release, op]);
    } else if (certain || grant.release === NONE) {
      grant.release = op;
      grant.released = certain;
    }
  }
  return undefined;
}

/** Two operations, and those of the grants that they belong to. */
function involved(grants: readonly Grant[], pair: readonly number[]): readonly number[] {
  const own = grants.filter(({ acquire, release }) => pair.includes(acquire) || pair.includes(release));
  return [...pair, ...own.flatMap(({ acquire, release }) => [acquire, release])];
}
