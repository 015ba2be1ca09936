/** What careless starts do to a log before they read it: bugs that are switched on. */
import { join } from 'node:path';
import type { FileSystem, OpenFile } from '../../../src/index.js';
import { crc32c } from './crc32c.js';
import { FILES, listData, pieceName } from './files.js';
import { HEADER_BYTES, scanLog } from './wal-format.js';

/** The bug wal-truncate-on-bad-crc: whatever comes from the first bad record on counts as a torn write. */
export function truncateAtDamage(files: FileSystem, folder: string): void {
  const { pieces } = listData(files, folder);
  const bad = pieces.find((piece) => scanLog(files.read(join(folder, pieceName(piece)))).kind !== 'whole');
  if (bad === undefined) return;
  const path = join(folder, pieceName(bad));
  const { records } = scanLog(files.read(path));
  withFile(files.open(path, 'r+'), (file) => file.truncate(records.at(-1)?.end ?? 0));
  for (const later of pieces.filter((piece) => piece > bad)) files.remove(join(folder, pieceName(later)));
  files.remove(join(folder, FILES.mark));
}

/** The bug wal-no-crc: every record is taken for what it says; here its checksum is made to fit. */
export function acceptDamage(files: FileSystem, folder: string): void {
  for (const piece of listData(files, folder).pieces) {
    const path = join(folder, pieceName(piece));
    const bytes = files.read(path);
    for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      bytes.writeUInt32BE(crc32c(bytes, at + 8, end), at + 4);
      at = end;
    }
    withFile(files.open(path, 'w'), (file) => file.write(bytes));
  }
}

function withFile(file: OpenFile, work: (file: OpenFile) => void): void {
  try {
    work(file);
  } finally {
    file.close();
  }
}
