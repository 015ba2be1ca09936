import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { flag, text, usageError, type OptionSpec } from '../config/option-spec.js';
import { EXIT, messageOf } from '../errors.js';
import { ednLine, ndjsonLine } from '../history/export/index.js';
import { openHistory } from '../history/import/index.js';
import type { Op } from '../history/op.js';
import type { CliContext } from './context.js';
import { formatNamed, formatOption, keyedOption } from './history-options.js';
import { commandWith } from './options.js';
import { readProgress } from './read-progress.js';
import { lookUp } from '../judge/suggest.js';

const WRITERS: Readonly<Record<string, (op: Op) => string>> = { ndjson: ndjsonLine, edn: ednLine };

const OPTIONS = {
  to: { flag: '--to <format>', help: `what to write: ${Object.keys(WRITERS).join(', ')}`, defaultText: 'edn for a file .edn, else ndjson', parse: text } satisfies OptionSpec<string>,
  out: { flag: '--out <file>', help: 'where to write it', defaultText: 'standard output', parse: text } satisfies OptionSpec<string>,
  force: { flag: '--force', help: 'replace the file if it is there', parse: flag } satisfies OptionSpec<boolean>,
  format: formatOption,
  keyed: keyedOption,
} as const;

/** `faultline convert`: reads a history of any known format and writes it in another, as a stream. */
export function convertCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('convert', 'reads a history of any known format (- for standard input) and writes it as ndjson or edn', OPTIONS)
    .argument('<file>', 'a history file, or -')
    .action(async (source: string, flags: Record<string, unknown>) => {
      const { to, out, force, format, keyed } = parseFlags(OPTIONS, flags);
      const write = lookUp('format to write', to ?? (out?.endsWith('.edn') === true ? 'edn' : 'ndjson'), WRITERS);
      if (out !== undefined && existsSync(out) && force !== true) throw usageError(`${out} is there already`, 'Give another name, or --force to replace it.');
      const name = source === '-' ? 'standard input' : source;
      const progress = readProgress(name, context);
      const history = await openHistory(source === '-' ? (context.stdin as AsyncIterable<Uint8Array>) : source, {
        name,
        ...(format === undefined ? {} : { format: formatNamed(format) }),
        ...(keyed === undefined ? {} : { keyed }),
        ...(progress === undefined ? {} : { onProgress: progress }),
      });
      const events = out === undefined ? await toStream(history.batches, write, context) : await toFile(history.batches, write, out, context);
      const torn = history.torn();
      if (torn !== undefined) context.err(`faultline: line ${torn.line} was cut off while it was written, and is left out\n`);
      if (out !== undefined) context.err(`${out}: ${events.toLocaleString('en-US')} events (from ${history.format})\n`);
      done(EXIT.valid);
    });
}

async function toStream(batches: AsyncIterable<readonly Op[]>, write: (op: Op) => string, context: CliContext): Promise<number> {
  let events = 0;
  for await (const batch of batches) {
    if (batch.length > 0) context.out(`${batch.map(write).join('\n')}\n`);
    events += batch.length;
    await context.drained?.();
  }
  return events;
}

/** Writes beside the file and renames, so that a file is there whole or not at all. */
async function toFile(batches: AsyncIterable<readonly Op[]>, write: (op: Op) => string, out: string, { signal }: CliContext): Promise<number> {
  const part = `${out}.part`;
  const file = orRefuse(out, () => openSync(part, 'w'));
  let events = 0;
  let closed = false;
  try {
    for await (const batch of batches) {
      if (batch.length > 0) orRefuse(out, () => writeSync(file, `${batch.map(write).join('\n')}\n`));
      events += batch.length;
      signal.throwIfAborted();
    }
    closeSync(file);
    closed = true;
    orRefuse(out, () => renameSync(part, out));
  } catch (error) {
    if (!closed) closeSync(file);
    rmSync(part, { force: true });
    throw error;
  }
  return events;
}

/** What the file system refuses is not a defect of ours: FaultlineError (usage). */
function orRefuse<T>(out: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw usageError(`${out} cannot be written: ${messageOf(error)}`, 'Give a file in a folder that is there and can be written.');
  }
}
