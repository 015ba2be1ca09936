import type { Recovered, WalRecord } from '../index.js';

/** What of a node survives a crash: pieces of the log, each begun by a checkpoint, and the snapshots that belong to them. */
export class SimDisk {
  /** By generation: the piece, and the snapshot to start from before it. */
  readonly #pieces: { readonly generation: number; readonly records: WalRecord[] }[] = [{ generation: 0, records: [] }];
  #snapshots: { readonly generation: number; readonly snapshot: NonNullable<Recovered['snapshot']> }[] = [];

  /** The latest checkpoint, from 0 for none. */
  get generation(): number {
    return this.#pieces.at(-1)?.generation ?? 0;
  }

  /** Writes records durably. */
  append(records: readonly WalRecord[], checkpoint: boolean): void {
    if (checkpoint) this.#pieces.push({ generation: this.generation + 1, records: [] });
    this.#pieces.at(-1)?.records.push(...records);
  }

  /** Writes a snapshot durably, and removes what is older than the one before it. */
  save(snapshot: NonNullable<Recovered['snapshot']>, generation: number): void {
    const before = this.#snapshots.at(-1)?.generation ?? 0;
    this.#snapshots = [...this.#snapshots.slice(-1), { generation, snapshot }];
    while ((this.#pieces[0]?.generation ?? before) < before) this.#pieces.shift();
  }

  /** What a start finds. */
  recover(): Recovered {
    const newest = this.#snapshots.at(-1);
    const records = this.#pieces.filter(({ generation }) => generation >= (newest?.generation ?? 0)).flatMap((piece) => piece.records);
    return newest === undefined ? { records } : { snapshot: newest.snapshot, records };
  }
}
