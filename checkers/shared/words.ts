import type { Operation } from '../../src/index.js';
import { canonical } from './canonical.js';

/** Longest text of a value in a sentence, characters. */
const VALUE_LENGTH = 60;

/** A value for a sentence: JSON, shortened in the middle. */
export function showValue(value: unknown): string {
  const text = canonical(value);
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH / 2)}…${text.slice(-VALUE_LENGTH / 3)}`;
}

/** What was done and what came of it: `read 7`, `write 9`, `cas 7 → 9`, `add 3 → 17`. */
export function showCall({ invoke, completion }: Operation): string {
  const ok = completion?.type === 'ok';
  const argument: unknown = invoke.value;
  if (invoke.f === 'cas' && Array.isArray(argument) && argument.length === 2) return `cas ${showValue(argument[0])} → ${showValue(argument[1])}`;
  if (argument === null || argument === undefined) return ok ? `${invoke.f} ${showValue(completion.value)}` : invoke.f;
  const echo = !ok || completion.value === null || canonical(completion.value) === canonical(argument);
  return `${invoke.f} ${showValue(argument)}${echo ? '' : ` → ${showValue(completion.value)}`}`;
}

/** Which events and whose: `#80–#95, process 1`; an indeterminate operation has no end. */
export function showSpan({ invoke, completion }: Operation): string {
  const where = invoke.node === undefined ? '' : ` at ${invoke.node}`;
  const who = `process ${invoke.process}${where}`;
  if (completion === undefined) return `#${invoke.index}, ${who}, never completed`;
  if (completion.type === 'info') return `#${invoke.index}–#${completion.index}, ${who}, outcome unknown`;
  return `#${invoke.index}–#${completion.index}, ${who}${completion.type === 'fail' ? ', failed' : ''}`;
}

/** `write 9 (#80–#95, process 1)`. */
export function showOperation(operation: Operation): string {
  return `${showCall(operation)} (${showSpan(operation)})`;
}

/** Indices of the events of operations, ascending and each once: what an Anomaly points at. */
export function eventsOf(operations: Iterable<Operation>): readonly number[] {
  const indices = new Set<number>();
  for (const { invoke, completion } of operations) {
    indices.add(invoke.index);
    if (completion !== undefined) indices.add(completion.index);
  }
  return [...indices].sort((a, b) => a - b);
}

/** `1 key`, `3 keys`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(n)} ${n === 1 ? noun : plural}`;
}

/** `1,234,567`. By hand: the first call of toLocaleString takes 25 ms. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `a`, `a and b`, `a, b and c`; past `limit` the rest is only counted. */
export function listOf(items: readonly string[], limit = 8): string {
  const shown = items.length > limit ? [...items.slice(0, limit), `${items.length - limit} more`] : items;
  if (shown.length <= 1) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
