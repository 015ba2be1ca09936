import { randomInt } from 'node:crypto';

/** A seed for a run that was given none: the one number that is not reproducible, and therefore printed and stored. */
export function freshSeed(): number {
  return randomInt(1, 2 ** 31);
}
