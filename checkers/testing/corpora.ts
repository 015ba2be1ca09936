import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of recorded histories with known verdicts. It lies beside the repository; where it is absent, tests that need it are skipped and say so. */
const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** Whether the recorded histories are there. */
export const corporaPresent: boolean = existsSync(DATA);

/** The name of a suite over the corpora: it says why it was skipped. */
export function overCorpora(name: string): string {
  return corporaPresent ? name : `${name} [SKIPPED: the recorded histories of ../shared/data are not here]`;
}

export interface ManifestEntry {
  readonly file: string;
  readonly expected: string | null;
}

/** The text of a recorded file. */
export function recorded(file: string): string {
  return readFileSync(DATA + file, 'utf8');
}

/** The manifest's rows for files below a folder. */
export function manifest(folder: string): readonly ManifestEntry[] {
  const rows = JSON.parse(recorded('manifest.json')) as readonly ManifestEntry[];
  return rows.filter((row) => row.file.startsWith(folder));
}
