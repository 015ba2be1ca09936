import { z } from 'zod';
import { FaultlineError } from '../errors.js';
import type { Op, OpError, OpType } from './op.js';
import { locateJsonError } from './json-error.js';

/** A line of a history as it may come from outside; what is missing is filled in by the reader. */
export interface OpLine {
  readonly index: number | undefined;
  readonly time: number | undefined;
  readonly process: Op['process'];
  readonly type: OpType;
  readonly f: string;
  readonly value: unknown;
  readonly key: Op['key'] | undefined;
  readonly node: string | undefined;
  readonly error: OpError | undefined;
}

/** Where a line stands, for messages. */
export interface LinePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const natural = (what: string): z.ZodType<number> => z.number({ error: `expected ${what}` }).int(`expected ${what}`).nonnegative(`expected ${what}`);
const text = (what: string): z.ZodString => z.string({ error: `expected ${what}` }).min(1, `expected ${what}`);

/** The format of a line, documented by its messages. Parsing takes the quick path below; this says what is wrong with a line that did not pass it. */
const LINE = z.looseObject({
  index: natural('a whole number from 0 up').optional(),
  time: z.number({ error: 'expected nanoseconds from 0 up' }).nonnegative('expected nanoseconds from 0 up').optional(),
  process: z
    .unknown()
    .refine(isProcess, 'expected a whole number from 0 up for a client (without quotes), or a name such as "nemesis/partition" for another'),
  type: z.enum(['invoke', 'ok', 'fail', 'info'], { error: 'expected "invoke", "ok", "fail" or "info"' }),
  f: text('the name of the operation, such as "read"'),
  key: z.union([z.string(), z.number()], { error: 'expected a text or a number' }).optional(),
  node: z.string({ error: 'expected the name of a node' }).optional(),
  error: z
    .union([z.string(), z.looseObject({ code: z.string(), message: z.string().optional() })], { error: 'expected {"code": text, "message": text} or a text' })
    .optional(),
});

/**
 * One line, not blank. Throws FaultlineError (usage) `history-json` or `history-line` that names file, line, column and
 * what was expected.
 */
export function parseOpLine(line: string, place: LinePlace): OpLine {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    const error = locateJsonError(line);
    throw lineError('history-json', place, (error?.offset ?? 0) + 1, `not JSON: expected ${error?.expected ?? 'a value'}`);
  }
  return quickly(raw) ?? slowly(raw, line, place);
}

/** The error of a place in a file. Columns from 1. */
export function lineError(code: string, place: LinePlace, column: number, message: string, hint = FORMAT_HINT): FaultlineError {
  return new FaultlineError(code, `${place.file}:${place.line}:${column}: ${message}`, { kind: 'usage', hint });
}

const FORMAT_HINT = 'A history has one JSON object a line: {"process":0,"type":"invoke","f":"write","value":1}; key, index, time, node and error are optional.';

/** The line if it is right, checked by hand: this is where a gigabyte spends its time. */
function quickly(raw: unknown): OpLine | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const { index, time, process, type, f, value, key, node, error } = raw as Readonly<Record<string, unknown>>;
  if (!isProcess(process)) return undefined;
  if (!(type === 'invoke' || type === 'ok' || type === 'fail' || type === 'info')) return undefined;
  if (typeof f !== 'string' || f === '' || (value === undefined && type === 'ok')) return undefined;
  if (!(index === undefined || isNatural(index)) || !(time === undefined || (typeof time === 'number' && time >= 0))) return undefined;
  if (!(key === undefined || typeof key === 'string' || typeof key === 'number') || !(node === undefined || typeof node === 'string')) return undefined;
  const problem = opError(error);
  if (error !== undefined && problem === undefined) return undefined;
  return { index, time, process, type, f, value: value ?? null, key, node, error: problem };
}

/** Finds out what is wrong, and says so. */
function slowly(raw: unknown, line: string, place: LinePlace): never {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw lineError('history-line', place, 1, 'expected a JSON object');
  const issue = LINE.safeParse(raw).error?.issues[0];
  const field = String(issue?.path[0] ?? 'value');
  const found = (raw as Readonly<Record<string, unknown>>)[field];
  const message = issue?.message ?? 'expected the result of the operation; null for none';
  throw lineError('history-line', place, columnOf(field, line), `${field}: ${message}, ${found === undefined ? 'it is missing' : `found ${JSON.stringify(found)}`}`);
}

/** Column of a field's name in the line, or of the line's beginning if it is not there. */
function columnOf(field: string, line: string): number {
  return Math.max(0, line.search(new RegExp(`"${field}"\\s*:`))) + 1;
}

/** A name of digits would be a client that the checkers pass over. */
function isProcess(value: unknown): value is Op['process'] {
  return isNatural(value) || (typeof value === 'string' && /\D/.test(value));
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An error as an object; a bare text (as other tools write) is its code. */
function opError(error: unknown): OpError | undefined {
  if (typeof error === 'string') return { code: error };
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message } = error as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || !(message === undefined || typeof message === 'string')) return undefined;
  return message === undefined ? { code } : { code, message };
}
