import type { Op } from '../op.js';

/** A name that EDN can hold as a keyword. */
const KEYWORD = /^[A-Za-z*!_?$%&=<>.+-][A-Za-z0-9*!_?$%&=<>.+#/-]*$/;

/**
 * An event as Jepsen writes it: one EDN map. A keyed value becomes a tuple [key value], as jepsen.independent has it; a nemesis becomes the process
 * `:nemesis`, its name a part of the operation's name; whoever else is no client becomes a keyword.
 */
export function ednLine(op: Op): string {
  const value = op.key === undefined ? ednOf(op.value) : `[${ednOf(op.key)} ${ednOf(op.value)}]`;
  const nemesis = typeof op.process === 'string' && op.process.startsWith('nemesis/') ? op.process.slice('nemesis/'.length) : undefined;
  const process = typeof op.process === 'number' ? String(op.process) : nemesis === undefined ? keyword(op.process) : ':nemesis';
  const f = keyword(nemesis === undefined ? op.f : `${op.f}-${nemesis}`);
  const rest = [op.node === undefined ? '' : `, :node ${ednOf(op.node)}`, op.error === undefined ? '' : `, :error ${keyword(op.error.code)}`].join('');
  return `{:type :${op.type}, :f ${f}, :value ${value}, :process ${process}, :time ${op.time}, :index ${op.index}${rest}}`;
}

/** A JSON value in EDN: names of fields become keywords where they can. */
export function ednOf(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'number') return Number.isFinite(value) ? numberOf(value) : `##${Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf'}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return stringOf(value);
  if (Array.isArray(value)) return `[${value.map(ednOf).join(' ')}]`;
  return `{${Object.entries(value).map(([name, item]) => `${keyword(name)} ${ednOf(item)}`).join(', ')}}`;
}

/** EDN has no exponent with a plus sign that all readers take. A whole number that a double cannot tell from its neighbours is written as a double. */
function numberOf(value: number): string {
  if (Object.is(value, -0)) return '0';
  const text = String(value).replace('e+', 'e');
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function keyword(name: string): string {
  return KEYWORD.test(name) ? `:${name}` : stringOf(name);
}

function stringOf(text: string): string {
  // JSON's escapes are EDN's, but for the two below.
  return JSON.stringify(text).replace(/\\./g, (escape) => (escape === '\\b' ? '\\u0008' : escape === '\\f' ? '\\u000c' : escape));
}
