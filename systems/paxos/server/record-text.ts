import { sameBallot, type WalRecord } from '../core/index.js';

/** So many texts are remembered, of at most so many characters each. */
const REMEMBERED = 256;
const MAX_CHARACTERS = 4096;

type Accepted = Extract<WalRecord, { type: 'accepted' }>;

const latest: ({ readonly record: Accepted; readonly text: string } | undefined)[] = Array.from({ length: REMEMBERED }, () => undefined);

/** A record as JSON. In a simulation all nodes of a cluster accept the very same command, one soon after the other: it is made into text once. */
export function recordText(record: WalRecord): string {
  if (record.type !== 'accepted') return JSON.stringify(record);
  const place = record.slot % REMEMBERED;
  const found = latest[place];
  if (found?.record.command === record.command && found.record.slot === record.slot && sameBallot(found.record.ballot, record.ballot)) return found.text;
  const text = JSON.stringify(record);
  if (text.length <= MAX_CHARACTERS) latest[place] = { record, text };
  return text;
}
