import { hashString, mix32 } from './random.js';

/**
 * Random numbers by address instead of by order: the k-th draw of a place is a pure function of the place and k, so that
 * no part of a program can disturb what another part draws (counter-based generators: Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). A place is 32 bits; draws repeat after 2^32.
 */
export function drawAt(path: number, k: number): number {
  const high = mix32(path ^ mix32(k + 0x9e3779b9));
  const low = mix32(high + Math.imul(path, 0x85ebca6b) + 0x6a09e667);
  return (high * 0x200000 + (low >>> 11)) / 2 ** 53;
}

/** The place of a whole run. */
export function rootPath(seed: number | string): number {
  return hashString(String(seed));
}

/** The place of part `i` within a place. */
export function childPath(path: number, i: number): number {
  return mix32(mix32(path + 0x3c6ef372) ^ Math.imul(i + 0x517cc1b7, 0x9e3779b1));
}
