import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FaultlineError } from '../../../src/index.js';

/** A file of a build: its name in the archive, with `/`. */
export interface PackedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The program of a node, by which the folder of the bundle is known. */
const PROGRAM = 'server/main.js';
/** Where the bundle is from the folder of this module: this code in the bundle, compiled alone, as a source. */
const BUNDLE_FOLDERS = ['.', '../../../bundle', '../../../dist/bundle'];

/** The folder of the compiled bundle that this code is part of. FaultlineError `not-built` if there is none. */
export function bundleFolder(here = dirname(fileURLToPath(import.meta.url))): string {
  const found = BUNDLE_FOLDERS.map((folder) => join(here, folder)).find((folder) => existsSync(join(folder, PROGRAM)));
  if (found === undefined) throw new FaultlineError('not-built', `The compiled programs that belong into the node image are not at ${here}`, { hint: 'Run `npm run build` first.' });
  return found;
}

/** What goes to /opt/faultline: the files of the bundle without source maps, and what tells node that they are modules. Sorted by name. */
export function bundleFiles(folder: string): readonly PackedFile[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => join(entry.parentPath, entry.name));
  const files = names.map((path) => ({ name: path.slice(join(folder, '/').length).replaceAll('\\', '/'), bytes: readFileSync(path) }));
  return [...files.filter((file) => file.name !== 'package.json'), { name: 'package.json', bytes: Buffer.from('{"type":"module"}\n') }].sort(byName);
}

/** A hash of names and contents. */
export function hashOfFiles(files: readonly PackedFile[]): string {
  const hash = createHash('sha256');
  for (const { name, bytes } of [...files].sort(byName)) hash.update(`${JSON.stringify(name)} ${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}

/** The SHA-256 of a file that may be large. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A tar archive of files: the same files give the same bytes (sorted, of 1970, owned by root). */
export async function packFiles(files: readonly PackedFile[]): Promise<Readable> {
  const { pack } = await import('tar-stream');
  const archive = pack();
  for (const { name, bytes } of [...files].sort(byName)) archive.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, size: bytes.length }, bytes);
  archive.finalize();
  return Readable.from(archive);
}

function byName(a: PackedFile, b: PackedFile): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
