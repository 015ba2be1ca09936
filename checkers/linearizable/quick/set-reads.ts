import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { againstTime, argumentId, invalid, LocalIds, nameOf, NONE, notApplicable, resultId, told } from './shared.js';

/** A read of the whole set; elements as local numbers. */
interface WholeRead {
  readonly op: number;
  readonly elements: Int32Array;
}

/** What is added, each element once. */
interface Additions {
  readonly ids: LocalIds;
  /** By element. */
  readonly ops: readonly number[];
}

/**
 * A set that only grows, read as a whole, with each element added once: exact, in time linear in the operations and the sizes of the reads. In every
 * linearization what is read is ordered by inclusion, so the reads must be a chain, and the layers are the same: the elements of the smallest read, the reads
 * of it, the elements that the next greater read has more, its reads ..., and last the additions that no read has. An indeterminate one of
 * these may as well happen: it never ends, and nobody looks behind it. Within a layer any order will do. So an order that real time allows exists if and only if no operation
 * ended before one of an earlier layer began: one pass over the layers with the latest beginning so far.
 */
export function readsQuick(history: ObjectHistory): Quick {
  const additions = additionsOf(history);
  if ('kind' in additions) return additions;
  const reads: WholeRead[] = [];
  const f = nameOf(history, 'read');
  for (let op = 0; op < history.size; op++) {
    if (history.f[op] !== f || history.ret[op] === PENDING) continue;
    const read = readOf(history, op, additions.ids);
    if ('kind' in read) return read;
    reads.push(read);
  }
  reads.sort((a, b) => a.elements.length - b.elements.length);
  return inLayers(history, additions, reads);
}

function additionsOf(history: ObjectHistory): Additions | Quick {
  const ids = new LocalIds(history);
  const ops: number[] = [];
  const no = history.values.find(false);
  const add = nameOf(history, 'add');
  for (let op = 0; op < history.size; op++) {
    if (history.f[op] !== add) continue;
    const id = ids.of(argumentId(history, op));
    if (id < ops.length) return notApplicable('an element is added more than once');
    ops.push(op);
    if (no !== NONE && resultId(history, op) === no) return invalid('wrong-answer', `${told(history, op)}: the element was there already, it says, but nobody else added it.`, [op]);
  }
  return { ids, ops };
}

function readOf(history: ObjectHistory, op: number, ids: LocalIds): WholeRead | Quick {
  const { values, result, result2 } = history;
  const [first, second] = [result[op] as number, result2[op] as number];
  const whole = second < 0 ? ((values.value(first) ?? []) as readonly unknown[]) : undefined;
  const elements = new Int32Array(whole?.length ?? 2);
  for (let i = 0; i < elements.length; i++) elements[i] = ids.find(whole === undefined ? (i === 0 ? first : second) : values.find(whole[i]));
  const stranger = elements.indexOf(NONE);
  if (stranger < 0) return { op, elements };
  const name = showValue(whole === undefined ? values.value(stranger === 0 ? first : second) : whole[stranger]);
  return invalid('never-added', `${told(history, op)} has ${name}, which nobody added.`, [op]);
}

/** Gives every operation its layer, and sees to it that reads are a chain of sets. */
function inLayers(history: ObjectHistory, { ops }: Additions, reads: readonly WholeRead[]): Quick {
  // By element: the last read, in order of size, that has it.
  const lastIn = new Int32Array(ops.length).fill(NONE);
  const layer = new Int32Array(history.size).fill(NONE);
  let top = 0;
  for (const [at, { op, elements }] of reads.entries()) {
    const smaller = reads[at - 1];
    let common = 0;
    if (elements.length > (smaller?.elements.length ?? 0)) top += 2;
    for (const element of elements) {
      if (lastIn[element] === at) return invalid('duplicate-element', `${told(history, op)} has an element twice.`, [op]);
      if (lastIn[element] !== NONE) common++;
      else layer[ops[element] as number] = top;
      lastIn[element] = at;
    }
    if (smaller !== undefined && common < smaller.elements.length) return noChain(history, ops, smaller, { op, elements });
    layer[op] = top + 1;
  }
  for (const [element, op] of ops.entries()) if (lastIn[element] === NONE) layer[op] = top + 2;
  const pair = againstTime(history, layer);
  return pair === undefined ? { kind: 'valid' } : explain(history, ops, lastIn, layer, pair);
}

function noChain(history: ObjectHistory, ops: readonly number[], a: WholeRead, b: WholeRead): Quick {
  const [inA, inB] = [new Set(a.elements), new Set(b.elements)];
  const [onlyA, onlyB] = [a.elements.find((element) => !inB.has(element)) ?? NONE, b.elements.find((element) => !inA.has(element)) ?? NONE];
  const [addA, addB] = [ops[onlyA] ?? NONE, ops[onlyB] ?? NONE];
  return invalid(
    'incomparable-reads',
    `${told(history, a.op)} has ${element(history, addA)} and not ${element(history, addB)}; ${told(history, b.op)} has ${element(history, addB)} and not ${element(history, addA)}. One of them was added first.`,
    [addA, addB, a.op, b.op],
  );
}

/** `ended` is in a layer behind that of `begun`, but had ended before that began. */
function explain(history: ObjectHistory, ops: readonly number[], lastIn: Int32Array, layer: Int32Array, [ended, begun]: readonly [number, number]): Quick {
  const add = nameOf(history, 'add');
  const [x, y] = [told(history, ended), told(history, begun)];
  if (history.f[begun] === add) {
    if (history.f[ended] !== add) return invalid('future-read', `${x} has ${element(history, begun)}, but had ended before ${y} began.`, [begun, ended]);
    const witness = history.f.findIndex((f, op) => f !== add && (layer[op] as number) > (layer[begun] as number) && (layer[op] as number) < (layer[ended] as number));
    return invalid('reordered', `${x} had ended before ${y} began, but ${told(history, witness)} has ${element(history, begun)} and not ${element(history, ended)}.`, [ended, begun, witness]);
  }
  if (history.f[ended] === add) {
    const lost = lastIn[ops.indexOf(ended)] === NONE;
    const nor = lost ? '; nor does any other' : '';
    return invalid(lost ? 'lost-element' : 'stale-read', `${y} lacks ${element(history, ended)}, though ${x} had ended before it began${nor}.`, [ended, begun]);
  }
  return invalid('stale-read', `${y} shows less than ${x}, which had ended before it began, and nothing is ever removed.`, [ended, begun]);
}

function element(history: ObjectHistory, add: number): string {
  return showValue(history.values.value(argumentId(history, add)));
}
