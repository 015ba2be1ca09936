import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FaultlineError, messageOf } from '../errors.js';
import { optionKey, optionVariable, usageError, type OptionSpec, type OptionTable, type OptionValues } from './option-spec.js';

/** The file that is read from the working directory if there is one and --config names none. */
export const DEFAULT_CONFIG_FILE = 'faultline.json';

const fileSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]));

export interface OptionSources {
  /** Texts by option key, as the command line gave them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A configuration file's path, or undefined to take faultline.json if it is there. */
  readonly configFile?: string;
}

/**
 * Reads the options of a table: flags over environment over file over defaults.
 * Throws FaultlineError (usage) that names the flag, the variable or the file and key at fault.
 */
export function loadOptions<T extends OptionTable>(table: T, sources: OptionSources): OptionValues<T> {
  const file = readConfigFile(sources.configFile);
  const known = Object.values(table).map(optionKey);
  for (const key of Object.keys(file.values)) {
    if (!known.includes(key)) throw usageError(`${file.path}: unknown option "${key}"`, `Known are: ${known.join(', ')}.`);
  }
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, optionValue(spec, sources, file)])) as OptionValues<T>;
}

/** Reads the options of a command that has only flags. Throws FaultlineError (usage) that names the flag. */
export function parseFlags<T extends OptionTable>(table: T, flags: Readonly<Record<string, unknown>>): OptionValues<T> {
  const none = { path: '', values: {} };
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, optionValue(spec, { flags, environment: {} }, none)])) as OptionValues<T>;
}

function optionValue(spec: OptionSpec<unknown>, sources: OptionSources, file: ConfigFile): unknown {
  const key = optionKey(spec);
  const variable = optionVariable(spec);
  const candidates: readonly [unknown, string][] = [
    [sources.flags[key], spec.flag.replace(/^-\w, /, '').split(' ')[0] ?? spec.flag],
    [sources.environment[variable], variable],
    [file.values[key], `${file.path}: ${key}`],
  ];
  for (const [value, source] of candidates) {
    if (value !== undefined) return spec.parse(asText(value), source);
  }
  return undefined;
}

function asText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
}

interface ConfigFile {
  readonly path: string;
  readonly values: z.infer<typeof fileSchema>;
}

function readConfigFile(path: string | undefined): ConfigFile {
  const name = path ?? DEFAULT_CONFIG_FILE;
  let source: string;
  try {
    source = readFileSync(name, 'utf8');
  } catch (error) {
    if (path === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { path: name, values: {} };
    throw new FaultlineError('bad-config', `cannot read the configuration file ${name}: ${messageOf(error)}`, { kind: 'usage', hint: 'Give --config the path of a readable JSON file.' });
  }
  return { path: name, values: parseConfig(name, source) };
}

function parseConfig(name: string, source: string): ConfigFile['values'] {
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch (error) {
    throw new FaultlineError('bad-config', `${name}: not JSON: ${messageOf(error)}`, { kind: 'usage', hint: 'Write an object of options, e.g. {"nodes": 3, "time": "10s"}.' });
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FaultlineError('bad-config', `${name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`, { kind: 'usage', hint: 'Write an object of options, e.g. {"nodes": 3, "time": "10s"}.' });
  }
  return parsed.data;
}
