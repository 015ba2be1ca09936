import type { Disk } from '../../src/index.js';
import { dataFiles, type Damage } from './files.js';

/** To move all that the data folder holds aside, into a folder with a dot. */
export async function loseDirectory(disk: Disk): Promise<Damage | undefined> {
  const files = await disk.list();
  const entries = topEntries(dataFiles(files).map(({ path }) => path));
  if (entries.length === 0) return undefined;
  const aside = freshName(topEntries(files.map(({ path }) => path)));
  let back = false;
  return {
    detail: { files: entries },
    words: `${entries.join(', ')} taken away`,
    apply: async () => {
      for (const entry of entries) await disk.rename(entry, `${aside}/${entry}`);
    },
    undo: async () => {
      if (!back) await putBack(disk, aside, entries);
      back = true;
      return 'its files put back';
    },
  };
}

/** What the program has made meanwhile goes: two states of one node cannot be mixed. */
async function putBack(disk: Disk, aside: string, entries: readonly string[]): Promise<void> {
  const files = await disk.list();
  const made = dataFiles(files).length > 0;
  const gone = (entry: string): boolean => !files.some(({ path }) => path === `${aside}/${entry}` || path.startsWith(`${aside}/${entry}/`));
  if (!made || entries.some(gone)) {
    // Also after an attempt that was cut short: what is back already is left there.
    for (const entry of entries) if (!gone(entry)) await disk.rename(`${aside}/${entry}`, entry);
    return;
  }
  await disk.replace(aside, '.', topEntries(files.map(({ path }) => path)).filter((entry) => entry.startsWith('.')));
  // The copy that is left takes no space.
  for (const { path } of files) if (path.startsWith(`${aside}/`)) await disk.truncate(path, 0);
}

function topEntries(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => path.split('/')[0] ?? path))];
}

function freshName(taken: readonly string[]): string {
  for (let i = 1; ; i++) if (!taken.includes(`.lost-${i}`)) return `.lost-${i}`;
}
