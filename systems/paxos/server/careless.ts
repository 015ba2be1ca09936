/** What careless starts do to a log before they read it: bugs that are switched on. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from './crc32c.js';
import { FILES, listData, pieceName } from './files.js';
import { HEADER_BYTES, scanLog } from './wal-format.js';

/** The bug wal-truncate-on-bad-crc: whatever comes from the first bad record on counts as a torn write. */
export function truncateAtDamage(folder: string): void {
  const { pieces } = listData(folder);
  const bad = pieces.find((piece) => scanLog(readFileSync(join(folder, pieceName(piece)))).kind !== 'whole');
  if (bad === undefined) return;
  const path = join(folder, pieceName(bad));
  const { records } = scanLog(readFileSync(path));
  truncateSync(path, records.at(-1)?.end ?? 0);
  for (const later of pieces.filter((piece) => piece > bad)) rmSync(join(folder, pieceName(later)));
  rmSync(join(folder, FILES.mark), { force: true });
}

/** The bug wal-no-crc: every record is taken for what it says; here its checksum is made to fit. */
export function acceptDamage(folder: string): void {
  for (const piece of listData(folder).pieces) {
    const path = join(folder, pieceName(piece));
    const bytes = readFileSync(path);
    for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      bytes.writeUInt32BE(crc32c(bytes, at + 8, end), at + 4);
      at = end;
    }
    writeFileSync(path, bytes);
  }
}
