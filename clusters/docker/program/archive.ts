import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';

/** A tar archive with one file. */
export function packFile(name: string, bytes: Buffer): NodeJS.ReadableStream {
  const archive = pack();
  archive.entry({ name, mode: 0o755, mtime: new Date(0) }, bytes);
  archive.finalize();
  return archive as unknown as NodeJS.ReadableStream;
}

/**
 * Unpacks the archive of one file or folder that the engine gives: its first path segment becomes `target`. Regular files and folders only; an entry that
 * would leave `target` ends it with an error.
 */
export async function unpack(stream: NodeJS.ReadableStream, target: string): Promise<void> {
  const archive = extract();
  const done = pipeline(stream, archive as unknown as NodeJS.WritableStream);
  for await (const entry of archive) {
    const { name, type } = entry.header;
    const path = resolve(join(target, name.split('/').slice(1).join('/')));
    if (path !== resolve(target) && !path.startsWith(resolve(target) + sep)) throw new Error(`the archive's entry ${name} leaves the folder`);
    if (type === 'directory') await mkdir(path, { recursive: true });
    else if (type === 'file') {
      await mkdir(dirname(path), { recursive: true });
      await pipeline(entry as unknown as NodeJS.ReadableStream, createWriteStream(path));
    }
    (entry as unknown as { resume(): void }).resume();
  }
  await done;
}
