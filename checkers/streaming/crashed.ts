import { canonical } from '../shared/canonical.js';
import type { ModelOp } from '../linearizable/model.js';
import { Antichain, type Configuration } from './configurations.js';

/** Operations of equal effect are interchangeable: what counts is how many there are. */
interface Kind {
  readonly op: ModelOp;
  count: number;
}

/** Operations of unknown outcome. They have no obligation, and each may take effect once at any time to come; configurations tell how many of each kind they have used. */
export class Crashed {
  readonly #kinds = new Map<string, Kind>();

  get size(): number {
    return this.#kinds.size;
  }

  /** One more; gives the kind it is of. */
  add(op: ModelOp): string {
    const kind = canonical([op.f, op.argument]);
    const known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, { op, count: 1 });
    else known.count++;
    return kind;
  }

  /** What a configuration can still use, one of each kind. */
  *left({ uses }: Configuration): Generator<{ readonly kind: string; readonly op: ModelOp; readonly count: number }> {
    for (const [kind, { op, count }] of this.#kinds) {
      const left = count - (uses.get(kind) ?? 0);
      if (left > 0) yield { kind, op, count: left };
    }
  }

  /** Forgets those that have taken effect in every configuration: they are of no account any more. Gives the configurations without them. */
  settled(configurations: Antichain): Antichain {
    if (this.#kinds.size === 0 || configurations.size === 0) return configurations;
    const everywhere = new Map([...this.#kinds.keys()].map((kind) => [kind, Infinity]));
    for (const { uses } of configurations) for (const [kind, n] of everywhere) everywhere.set(kind, Math.min(n, uses.get(kind) ?? 0));
    const common = [...everywhere].filter(([, n]) => n > 0);
    if (common.length === 0) return configurations;
    for (const [kind, n] of common) {
      const known = this.#kinds.get(kind);
      if (known !== undefined && (known.count -= n) === 0) this.#kinds.delete(kind);
    }
    const settled = new Antichain();
    for (const configuration of configurations) settled.add({ ...configuration, uses: minus(configuration.uses, common) });
    return settled;
  }

  clear(): void {
    this.#kinds.clear();
  }
}

/** The uses with one more of a kind. */
export function plusOne(uses: ReadonlyMap<string, number>, kind: string): ReadonlyMap<string, number> {
  return new Map(uses).set(kind, (uses.get(kind) ?? 0) + 1);
}

function minus(uses: ReadonlyMap<string, number>, common: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const rest = new Map(uses);
  for (const [kind, n] of common) rest.set(kind, (rest.get(kind) ?? 0) - n);
  for (const [kind, n] of rest) if (n === 0) rest.delete(kind);
  return rest;
}
