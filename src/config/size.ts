import { FaultlineError } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes of `512m`, `2g`, `64k` or a bare number. Throws FaultlineError (usage) that names the option. */
export function parseSize(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(text.trim());
  const bytes = match === null ? NaN : Math.round(Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? NaN));
  if (!Number.isFinite(bytes) || bytes <= 0) {
    throw new FaultlineError('bad-option', `${option}: "${text}" is not a size`, { kind: 'usage', hint: 'Write it like 512m or 2g.' });
  }
  return bytes;
}
