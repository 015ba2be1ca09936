import type { Anomaly, Operation } from '../../src/index.js';
import { count, eventsOf, showOperation } from '../shared/words.js';

/** A total that an operation saw: a read's, or the one that an addition answered. */
interface Sighting {
  readonly operation: Operation;
  readonly total: number;
  readonly inv: number;
  readonly ret: number;
  /** For an addition: its own amount, which the total must hold. */
  readonly own: number;
}

interface Addition {
  readonly operation: Operation;
  readonly amount: number;
  readonly inv: number;
  readonly ret: number;
}

/** Anomalies that are told in full. */
const TOLD = 20;

/**
 * The sound and simple part: every total lies between what must have been added by then and what may have been. An addition counts for certain
 * if it was acknowledged before the operation began; it may count if it was invoked before the operation ended. And if nothing is ever subtracted, totals never go down.
 * Shapes must have been checked. Necessary, not sufficient: what passes is searched.
 */
export function boundAnomalies(operations: readonly Operation[], initial: number, judgeTotals: boolean): readonly Anomaly[] {
  const additions = operations.flatMap(additionOf);
  const sightings = operations.flatMap((operation) => sightingOf(operation, judgeTotals));
  const outside = sightings.flatMap((sighting) => outsideBounds(sighting, additions, initial));
  const found = outside.length > 0 || additions.some(({ amount }) => amount < 0) ? outside : goingDown(sightings);
  return found.slice(0, TOLD);
}

function additionOf(operation: Operation): readonly Addition[] {
  const { invoke, completion } = operation;
  if (invoke.f !== 'add' || completion?.type === 'fail') return [];
  return [{ operation, amount: invoke.value as number, inv: invoke.index, ret: completion?.type === 'ok' ? completion.index : Infinity }];
}

function sightingOf(operation: Operation, judgeTotals: boolean): readonly Sighting[] {
  const { invoke, completion } = operation;
  if (completion?.type !== 'ok') return [];
  const place = { operation, inv: invoke.index, ret: completion.index };
  if (invoke.f === 'read') return [{ ...place, total: (completion.value ?? 0) as number, own: 0 }];
  return judgeTotals && typeof completion.value === 'number' ? [{ ...place, total: completion.value, own: invoke.value as number }] : [];
}

function outsideBounds(sighting: Sighting, additions: readonly Addition[], initial: number): readonly Anomaly[] {
  let certain = initial + sighting.own;
  let [low, high] = [0, 0];
  const missing: Addition[] = [];
  for (const addition of additions) {
    if (addition.operation === sighting.operation || addition.inv > sighting.ret) continue;
    if (addition.ret < sighting.inv) {
      certain += addition.amount;
      missing.push(addition);
    } else if (addition.amount < 0) low += addition.amount;
    else high += addition.amount;
  }
  const told = (kind: string, why: string, others: readonly Addition[]): readonly Anomaly[] => [
    { kind, message: `${showOperation(sighting.operation)}: ${why}`, ops: eventsOf([sighting.operation, ...others.map(({ operation }) => operation)]) },
  ];
  const acknowledged = `${count(missing.length, 'addition')} had been acknowledged before it began, which make ${certain}`;
  if (sighting.total < certain + low) {
    const open = low === 0 ? '' : `, or ${certain + low} with every subtraction that may have happened`;
    return told('lost-add', `too little. ${acknowledged}${open}: ${certain + low - sighting.total} is lost.`, missing.slice(-3));
  }
  if (sighting.total > certain + high) {
    const open = high === 0 ? ' and no other was open' : `, or ${certain + high} with every addition that may have happened`;
    return told('over-count', `too much. ${acknowledged}${open}: ${sighting.total - certain - high} was never added, or was added twice.`, []);
  }
  return [];
}

/** A total that is below one seen by an operation that had ended before. One pass in order of time: the greatest total of what has ended. */
function goingDown(sightings: readonly Sighting[]): readonly Anomaly[] {
  const byEnd = [...sightings].sort((a, b) => a.ret - b.ret);
  const anomalies: Anomaly[] = [];
  let [next, greatest]: [number, Sighting | undefined] = [0, undefined];
  for (const sighting of [...sightings].sort((a, b) => a.inv - b.inv)) {
    for (; (byEnd[next]?.ret ?? Infinity) < sighting.inv; next++) if ((byEnd[next]?.total ?? 0) > (greatest?.total ?? -Infinity)) greatest = byEnd[next];
    // The total before an addition of its own amount must have reached what was seen.
    if (greatest === undefined || sighting.total - sighting.own >= greatest.total) continue;
    anomalies.push({
      kind: 'stale-read',
      message: `${showOperation(sighting.operation)} goes back: ${showOperation(greatest.operation)} had ended before it began, and nothing is ever subtracted.`,
      ops: eventsOf([greatest.operation, sighting.operation]),
    });
  }
  return anomalies;
}
