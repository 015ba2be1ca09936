import type { CliContext } from './context.js';

/** Bytes from which the progress of reading is told. */
const PROGRESS_FROM = 2 ** 25;
const MEBIBYTE = 2 ** 20;

/** Tells a terminal how far the reading of a large file is; undefined where there is no terminal. */
export function readProgress(name: string, context: CliContext): ((bytes: number, total: number | undefined) => void) | undefined {
  if (!context.terminal) return undefined;
  let shown = '';
  return (bytes, total) => {
    if (Math.max(bytes, total ?? 0) < PROGRESS_FROM) return;
    const now = bytes === total ? '' : total === undefined ? `${name}: ${Math.floor(bytes / MEBIBYTE)} MiB read` : `${name}: ${Math.floor((100 * bytes) / total)} % of ${Math.round(total / MEBIBYTE)} MiB read`;
    if (now === shown) return;
    shown = now;
    context.err(`\r${now}\u001b[K`);
  };
}
