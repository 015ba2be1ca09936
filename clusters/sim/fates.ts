import { hashString, mix32 } from '../../src/index.js';
import type { SimSetting } from './setting.js';

/** Uniform in [0, 1): the draw `salt` for number `n` of what has this key. */
export function unit(key: number, n: number, salt: number): number {
  return mix32(key ^ mix32(Math.imul(n, 64) + salt)) / 2 ** 32;
}

/** How messages of one sort fare on one link for a time, with the order `sorts`. */
interface Mood {
  readonly paceMs: number;
  readonly lossRate: number;
  readonly duplicateRate: number;
}

/** Of ten moods so many are usual, slow, and lossy; with the others messages come twice. */
const [USUAL, SLOW, LOSSY] = [5.5, 2, 1.25];
/** Of ten sorts so many have one mood on all links. */
const EVERYWHERE = 2;
/** The usual pace with the orders `sorts` and `stragglers`: up to so many milliseconds. */
const USUAL_MS = 3;

/** What becomes of messages in a world, besides what nemeses do to them: when they arrive, which are lost, which come twice. A function of the link's key, the number of the message, its sort and the time. */
export class Fates {
  readonly #setting: SimSetting['network'];
  /** The same for all links. */
  readonly #key: number;
  readonly #sorts = new Map<string, number>();

  constructor(setting: SimSetting['network'], key: number) {
    this.#setting = setting;
    this.#key = key;
  }

  /** Whether the messages of a link arrive in the order in which they were sent. */
  get keepsOrder(): boolean {
    return this.#setting.order === 'fifo' || this.#setting.order === 'priorities';
  }

  lost(key: number, n: number, nowMs: number, sort: string): boolean {
    const { order, lossRate, roundMs } = this.#setting;
    if (lossRate === 0) return false;
    if (order === 'sorts') return unit(key, n, 2) < this.#mood(key, nowMs, sort).lossRate;
    return unit(key, order === 'rounds' ? Math.floor(nowMs / roundMs) : n, 2) < lossRate;
  }

  twice(key: number, n: number, nowMs: number, sort: string): boolean {
    const { order, duplicateRate } = this.#setting;
    return duplicateRate > 0 && unit(key, n, 6) < (order === 'sorts' ? this.#mood(key, nowMs, sort).duplicateRate : duplicateRate);
  }

  /** When a message arrives that is sent now, milliseconds. `salt` tells its copies apart. */
  arrivalMs(key: number, n: number, salt: number, nowMs: number, sort: string): number {
    const { order, delayMs: [low, high], changesPerSecond, roundMs, lateRate } = this.#setting;
    switch (order) {
      case 'fifo':
      case 'uniform':
        return nowMs + low + (high - low) * unit(key, n, salt);
      case 'stragglers':
        return nowMs + (unit(key, n, salt + 1) < lateRate ? spread(USUAL_MS, Math.max(USUAL_MS, high), unit(key, n, salt)) : spread(low, USUAL_MS, unit(key, n, salt)));
      case 'priorities':
        return nowMs + spread(low, high, unit(key, Math.floor((nowMs / 1000) * changesPerSecond), 8)) * (0.9 + 0.2 * unit(key, n, salt));
      case 'rounds':
        return (Math.floor(nowMs / roundMs) + 1) * roundMs + 0.5 * unit(key, n, salt);
      case 'sorts': {
        // A copy may come long after.
        const copy = salt > 3;
        const paceMs = copy ? spread(low, high, unit(key, n, salt + 1)) : this.#mood(key, nowMs, sort).paceMs;
        return nowMs + paceMs * (0.5 + unit(key, n, salt));
      }
    }
  }

  #mood(link: number, nowMs: number, sort: string): Mood {
    const { delayMs: [low, high], changesPerSecond, lossRate, duplicateRate } = this.#setting;
    const name = this.#hashOf(sort);
    const epoch = Math.floor((nowMs / 1000) * changesPerSecond);
    const key = mix32(name ^ (unit(mix32(name ^ this.#key), epoch, 9) * 10 < EVERYWHERE ? this.#key : link));
    const draw = unit(key, epoch, 10) * 10;
    const slow = draw >= USUAL && draw < USUAL + SLOW;
    const lossy = draw >= USUAL + SLOW && draw < USUAL + SLOW + LOSSY;
    return {
      paceMs: slow ? spread(USUAL_MS, Math.max(USUAL_MS, high), unit(key, epoch, 11)) : spread(low, USUAL_MS, unit(key, epoch, 12)),
      lossRate: lossy ? lossRate : 0,
      duplicateRate: draw >= USUAL + SLOW + LOSSY ? duplicateRate : 0,
    };
  }

  #hashOf(sort: string): number {
    let hash = this.#sorts.get(sort);
    if (hash === undefined) this.#sorts.set(sort, (hash = hashString(sort)));
    return hash;
  }
}

/** Between two numbers, even by their logarithms. */
function spread(low: number, high: number, at: number): number {
  return low * (high / Math.max(low, 1e-3)) ** at;
}
