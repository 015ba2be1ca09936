import type { Anomaly, Operation } from '../../src/index.js';
import { eventsOf, showOperation, showSpan, showValue } from '../shared/words.js';
import type { ListAppend, ListHistory } from './lists.js';
import { longestRead } from './structure.js';

/** Anomalies of one kind that are told in full. */
const TOLD = 20;

/**
 * Anomalies in time of a list whose reads are all prefixes of the longest one. Every linearization has the same layers: the first element's append,
 * the reads of one element, the second element's append ..., and last the acknowledged appends that no read has. An order exists if and only if no operation ended
 * before one of an earlier layer began (the same argument as for the layers of a block, see linearizable/unique.ts): one pass with the latest beginning so far.
 * `undecided`: acknowledged lengths leave gaps beyond the longest read, which only a search can fill.
 */
export function layerAnomalies(history: ListHistory): { readonly anomalies: readonly Anomaly[]; readonly undecided: boolean } {
  const longest = longestRead(history);
  const seen = new Set([...longest, ...history.reads.flatMap(({ elements }) => elements)]);
  const unread = [...history.appends.values()].filter(({ element, ret }) => ret !== Infinity && !seen.has(element));
  const placed = unread.flatMap((append) => (append.length === undefined ? [] : [{ ...append, length: append.length }])).sort((a, b) => a.length - b.length);
  const loose = unread.filter(({ length }) => length === undefined);
  const lengths = lengthAnomalies(history, longest, placed);
  const late = lateAnomalies(layersOf(history, longest, placed, loose));
  const gaps = placed.some(({ length }, i) => length !== longest.length + 1 + i);
  const anomalies = [...late, ...lengths];
  return { anomalies, undecided: anomalies.length === 0 && gaps };
}

/** An operation with its layer: the number of elements before or, for a read, in the list. */
interface Layered {
  readonly kind: 'read' | 'append' | 'unread';
  readonly operation: Operation;
  readonly inv: number;
  readonly ret: number;
  readonly element?: unknown;
}

function layersOf(history: ListHistory, longest: readonly number[], placed: readonly ListAppend[], loose: readonly ListAppend[]): readonly (readonly Layered[])[] {
  const { reads, appends, values } = history;
  const layers: Layered[][] = Array.from({ length: 2 * longest.length + 1 }, () => []);
  const appended = (kind: 'append' | 'unread', append: ListAppend): Layered => ({ ...append, kind, element: values.value(append.element) });
  for (const [at, element] of longest.entries()) {
    const append = appends.get(element);
    if (append !== undefined) layers[2 * at + 1]?.push(appended('append', append));
  }
  for (const read of reads) layers[2 * read.elements.length]?.push({ kind: 'read', operation: read.operation, inv: read.inv, ret: read.ret });
  return [...layers, ...placed.map((append) => [appended('unread', append)]), loose.map((append) => appended('unread', append))];
}

function lateAnomalies(layers: readonly (readonly Layered[])[]): readonly Anomaly[] {
  const anomalies: Anomaly[] = [];
  let latest: Layered | undefined;
  let latestRead: Layered | undefined;
  for (const layer of layers) {
    for (const later of layer) {
      const earlier = [latestRead, latest].find((operation) => operation !== undefined && later.ret < operation.inv);
      if (earlier !== undefined && anomalies.length < TOLD) anomalies.push(anomalyOf(earlier, later));
    }
    for (const operation of layer) {
      if (operation.inv > (latest?.inv ?? -1)) latest = operation;
      if (operation.kind === 'read' && operation.inv > (latestRead?.inv ?? -1)) latestRead = operation;
    }
  }
  return anomalies;
}

/** `later` stands behind `earlier` in the list's order, but had ended before that began. */
function anomalyOf(earlier: Layered, later: Layered): Anomaly {
  const ops = eventsOf([earlier.operation, later.operation]);
  const value = showValue(later.element);
  const acknowledged = `${showOperation(later.operation)} had been acknowledged`;
  if (earlier.kind === 'read' && later.kind === 'unread') {
    return { kind: 'lost-append', message: `${value} is lost: ${acknowledged} before the read (${showSpan(earlier.operation)}) began, which does not have it; nor does any read.`, ops };
  }
  if (earlier.kind === 'read' && later.kind === 'append') {
    return { kind: 'stale-read', message: `${showOperation(earlier.operation)} lacks ${value}: ${acknowledged} before that read began.`, ops };
  }
  if (earlier.kind === 'read') {
    return { kind: 'stale-read', message: `${showOperation(earlier.operation)} shows less than ${showOperation(later.operation)}, which had ended before that began.`, ops };
  }
  if (later.kind === 'read') {
    return { kind: 'future-read', message: `${showOperation(later.operation)} already has ${showValue(earlier.element)}, but had ended before ${showOperation(earlier.operation)} began.`, ops };
  }
  return { kind: 'reordered', message: `${acknowledged} before ${showOperation(earlier.operation)} began, but stands behind it in the list.`, ops };
}

function lengthAnomalies({ appends, values }: ListHistory, longest: readonly number[], placed: readonly (ListAppend & { readonly length: number })[]): readonly Anomaly[] {
  const wrong = (append: ListAppend, why: string): Anomaly => ({
    kind: 'wrong-length',
    message: `${showOperation(append.operation)} answered that ${showValue(values.value(append.element))} became element ${append.length}, but ${why}.`,
    ops: eventsOf([append.operation]),
  });
  const misplaced = longest.flatMap((element, at) => {
    const append = appends.get(element);
    return append?.length === undefined || append.length === at + 1 ? [] : [wrong(append, `reads have it as element ${at + 1}`)];
  });
  const inside = placed.filter(({ length }) => length <= longest.length || !Number.isInteger(length)).map((append) => wrong(append, `reads have another one there`));
  const shared = placed.filter(({ length }, i) => i > 0 && placed[i - 1]?.length === length && length > longest.length);
  const twice = shared.map((append) => wrong(append, `${showOperation(placed.find(({ length }) => length === append.length)?.operation ?? append.operation)} answered the same`));
  return [...misplaced, ...inside, ...twice].slice(0, TOLD);
}
