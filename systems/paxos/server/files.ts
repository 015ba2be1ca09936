import type { FileSystem } from '../../../src/index.js';

/** Files of a data folder besides the pieces of the log and the snapshots. */
export const FILES = { mark: 'log.mark', identity: 'identity.json' } as const;

const PIECE = /^log-(\d{6,})\.wal$/;
const SNAPSHOT = /^snapshot-(\d{6,})\.dat$/;

/** A piece of the log. Piece 0 begins with the life of the node, piece n with the checkpoint of snapshot n; with that snapshot it and those after it are all that a start needs. */
export function pieceName(generation: number): string {
  return `log-${String(generation).padStart(6, '0')}.wal`;
}

/** The snapshot that goes before the piece of the same number. */
export function snapshotName(generation: number): string {
  return `snapshot-${String(generation).padStart(6, '0')}.dat`;
}

/** Of names, the pieces of the log, ascending. */
export function piecesAmong(names: readonly string[]): readonly number[] {
  return generationsOf(names, PIECE);
}

/** The pieces and the snapshots that a folder holds, ascending. */
export function listData(files: FileSystem, folder: string): { readonly pieces: readonly number[]; readonly snapshots: readonly number[] } {
  const names = files.list(folder);
  return { pieces: piecesAmong(names), snapshots: generationsOf(names, SNAPSHOT) };
}

function generationsOf(names: readonly string[], pattern: RegExp): readonly number[] {
  return names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
}
