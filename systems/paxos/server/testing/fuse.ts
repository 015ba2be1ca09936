import type { FileSystem } from '../../../../src/index.js';

const COUNTED = new Set(['makeFolder', 'open', 'rename', 'remove', 'syncFolder', 'write', 'truncate', 'sync', 'close']);

/** Counts down the blocking calls that change something. */
export class Fuse {
  #left: number;

  constructor(calls: number) {
    this.#left = calls;
  }

  /** Files that work so many calls long; from then on each throws an error instead, which is the end of the program. */
  on(files: FileSystem): FileSystem {
    return this.#wrapped(files);
  }

  get blown(): boolean {
    return this.#left < 0;
  }

  /** It does not burn any more. */
  remove(): void {
    this.#left = Infinity;
  }

  #wrapped<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...given: readonly unknown[]): unknown => {
          if (COUNTED.has(String(name)) && this.#left-- <= 0) throw new Error(`the program ends at ${String(name)}`);
          const result: unknown = member.apply(target, given);
          return name === 'open' ? this.#wrapped(result as object) : result;
        };
      },
    });
  }
}
