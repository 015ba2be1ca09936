import { FaultlineError } from '../errors.js';
import { parseDuration } from './duration.js';

/** One option: its flag, its place in the environment and in a configuration file, its help and its meaning, in one row. */
export interface OptionSpec<T> {
  /** As commander wants it: `--nodes <n>`. The name in a configuration file is the flag's in camelCase. */
  readonly flag: string;
  readonly help: string;
  /** As text, for the help; undefined: none. */
  readonly defaultText?: string;
  /** Gives the value; `source` names where the text came from, for errors. */
  readonly parse: (text: string, source: string) => T;
  /** May be given several times, or as a list in a file; the texts are joined by commas. */
  readonly repeatable?: boolean;
}

export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;

/** The values that a table's options parse to. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: ReturnType<T[K]['parse']> | undefined };

export function usageError(message: string, hint?: string): FaultlineError {
  return new FaultlineError('bad-option', message, hint === undefined ? { kind: 'usage' } : { kind: 'usage', hint });
}

/** A whole number within bounds. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): (text: string, source: string) => number {
  return (text, source) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < min || value > max) {
      const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
      throw usageError(`${source}: "${text}" is not a whole number ${range}`);
    }
    return value;
  };
}

/** A number that is not negative. */
export function nonNegative(text: string, source: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw usageError(`${source}: "${text}" is not a number from 0 up`);
  return value;
}

/** Milliseconds. */
export function duration(minMs: number, maxMs = 24 * 3_600_000): (text: string, source: string) => number {
  return (text, source) => {
    const ms = parseDuration(source, text);
    if (ms < minMs || ms > maxMs) throw usageError(`${source}: ${text} is outside ${minMs} ms to ${maxMs / 3_600_000} h`);
    return ms;
  };
}

export function text(value: string): string {
  return value;
}

/** Names separated by commas. */
/** One of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): (text: string, source: string) => T {
  return (value, source) => {
    const found = words.find((word) => word === value.trim());
    if (found === undefined) throw usageError(`${source}: "${value}" is none of ${words.join(', ')}`);
    return found;
  };
}

export function list(value: string): readonly string[] {
  return value.split(',').map((name) => name.trim()).filter((name) => name !== '');
}

/** A switch: true unless the text says no. */
export function flag(value: string, source: string): boolean {
  if (['', 'true', '1', 'yes', 'on'].includes(value.toLowerCase())) return true;
  if (['false', '0', 'no', 'off'].includes(value.toLowerCase())) return false;
  throw usageError(`${source}: "${value}" is neither true nor false`);
}

/** `--call-timeout <d>` -> `callTimeout`; the key of the option in files and in commander's result. */
export function optionKey(spec: Pick<OptionSpec<unknown>, 'flag'>): string {
  const long = /--(?:no-)?([a-z0-9-]+)/.exec(spec.flag)?.[1] ?? spec.flag;
  return long.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `--call-timeout <d>` -> `FAULTLINE_CALL_TIMEOUT`. */
export function optionVariable(spec: Pick<OptionSpec<unknown>, 'flag'>): string {
  return `FAULTLINE_${optionKey(spec).replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
