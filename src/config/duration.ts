import { FaultlineError } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `500ms`, `30s`, `2m`, `1h` or a bare number of seconds. Throws FaultlineError (usage) that names the option. */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = match === null ? NaN : Math.round(Number(match[1]) * (UNITS[match[2] ?? 's'] ?? NaN));
  if (!Number.isFinite(ms)) {
    throw new FaultlineError('bad-option', `${option}: "${text}" is not a duration`, { kind: 'usage', hint: 'Write it like 500ms, 30s, 2m or 1h.' });
  }
  return ms;
}

/** `30 s`, `1.5 s`, `250 ms`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return `${seconds} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}
