import type { Anomaly } from '../../src/index.js';
import { eventsOf, showOperation, showValue } from '../shared/words.js';
import type { ListHistory, ListRead } from './lists.js';

/** Anomalies that single reads and pairs of reads show, whatever the time: duplicates, phantoms, lists that fork. One for each element or pair of reads. */
export function structuralAnomalies(history: ListHistory): readonly Anomaly[] {
  return [...duplicates(history), ...phantoms(history), ...forks(history)];
}

/** The longest list that was read; if no anomaly is structural, every read is a prefix of it. */
export function longestRead({ reads, initial }: ListHistory): readonly number[] {
  return reads.reduce<readonly number[]>((longest, { elements }) => (elements.length > longest.length ? elements : longest), initial);
}

function duplicates({ reads, appends, values }: ListHistory): readonly Anomaly[] {
  const told = new Set<number>();
  const anomalies: Anomaly[] = [];
  for (const { operation, elements } of reads) {
    const first = new Map<number, number>();
    for (const [at, element] of elements.entries()) {
      const before = first.get(element);
      if (before === undefined) first.set(element, at);
      else if (!told.has(element)) {
        told.add(element);
        const append = appends.get(element);
        const by = append === undefined ? '' : `, though it was appended once: ${showOperation(append.operation)}`;
        anomalies.push({
          kind: 'duplicate',
          message: `${showValue(values.value(element))} stands at positions ${before + 1} and ${at + 1} of ${showOperation(operation)}${by}. The append was executed twice.`,
          ops: eventsOf(append === undefined ? [operation] : [append.operation, operation]),
        });
      }
    }
  }
  return anomalies;
}

function phantoms({ reads, appends, failed, initial, values }: ListHistory): readonly Anomaly[] {
  const told = new Set<number>(initial);
  const anomalies: Anomaly[] = [];
  for (const { operation, elements } of reads) {
    for (const element of elements) {
      if (appends.has(element) || told.has(element)) continue;
      told.add(element);
      const culprit = failed.get(element);
      const what = culprit === undefined ? 'which nobody ever appended' : `whose only append had answered that it certainly took no effect: ${showOperation(culprit)}`;
      anomalies.push({
        kind: culprit === undefined ? 'phantom' : 'aborted-append-seen',
        message: `${showOperation(operation)} has ${showValue(values.value(element))}, ${what}.`,
        ops: eventsOf(culprit === undefined ? [operation] : [culprit, operation]),
      });
    }
  }
  return anomalies;
}

/** Reads that are not prefixes of the longest one: two histories of one list. */
function forks(history: ListHistory): readonly Anomaly[] {
  const { reads, values, initial } = history;
  const longest = longestRead(history);
  const trunk = reads.find(({ elements }) => elements === longest);
  const differs = (elements: readonly number[]): number => elements.findIndex((element, at) => element !== longest[at]);
  const other = reads.find(({ elements }) => initial.some((element, at) => element !== elements[at]));
  const forked = reads.filter(({ elements }) => differs(elements) >= 0).slice(0, 3);
  const show = (read: ListRead, at: number): string => `${showOperation(read.operation)} has ${showValue(values.value(read.elements[at] ?? -1))}`;
  const lostStart = other === undefined ? [] : [{ kind: 'fork', message: `${showOperation(other.operation)} does not begin with what the list held at first.`, ops: eventsOf([other.operation]) }];
  return [
    ...lostStart,
    ...forked.flatMap((read): readonly Anomaly[] => {
      const at = differs(read.elements);
      if (trunk === undefined) return [];
      return [{ kind: 'fork', message: `The list forked: at position ${at + 1} ${show(read, at)}, but ${show(trunk, at)}.`, ops: eventsOf([read.operation, trunk.operation]) }];
    }),
  ];
}
