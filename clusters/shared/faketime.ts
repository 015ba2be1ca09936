import type { ClockSetting } from '../../src/index.js';

/**
 * The environment that makes libfaketime (0.9.10) take a program's wall clock from a file, read at every call, and leave the monotonic clock alone: Node.js hangs for
 * good when that one runs backwards. FAKETIME itself must not be set, or the file is ignored.
 */
export function faketimeEnvironment(library: string, file: string): Readonly<Record<string, string>> {
  return { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_XRESET: '1' };
}

/**
 * What stands in the file for a setting. Seconds, always: `+250ms` would be 250 minutes, and what libfaketime cannot read ends the program. With a rate and
 * FAKETIME_XRESET the clock goes on from where it is, whatever the offset before the rate says (measured).
 */
export function faketimeText(setting: ClockSetting): string {
  if ('rate' in setting) {
    if (!Number.isFinite(setting.rate) || setting.rate <= 0 || setting.rate > 100) throw new RangeError(`no rate of a clock: ${setting.rate}`);
    return `+0 x${setting.rate.toFixed(6)}`;
  }
  if (!Number.isFinite(setting.offsetMs)) throw new RangeError(`no offset of a clock: ${setting.offsetMs}`);
  return `${setting.offsetMs < 0 ? '-' : '+'}${(Math.abs(setting.offsetMs) / 1000).toFixed(6)}`;
}
