import type { Node, Run } from '../../src/index.js';
import { FILES, pieceName, piecesAmong } from './server/files.js';

/** Folder of the durable copy, in the data folder. */
export const COPY = '.durable';

/** How often a write that was not durable is torn, rather than lost as a whole. */
const TORN = 0.5;

/**
 * What a power failure leaves of a stopped node: its data folder becomes the durable copy. Of the bytes of the log that were not durable a prefix may have reached the
 * disk all the same; it ends anywhere. Says what was lost.
 */
export async function powerLoss({ name, disk }: Node, run: Run): Promise<string> {
  const sizes = new Map((await disk.list()).map(({ path, bytes }) => [path, bytes]));
  const copied = piecesAmong([...sizes.keys()].flatMap((path) => (path.startsWith(`${COPY}/`) ? [path.slice(COPY.length + 1)] : [])));
  const last = copied.at(-1);
  if (last === undefined || !sizes.has(`${COPY}/${FILES.identity}`)) return 'lost nothing: it had written nothing yet';
  const durableOf = (piece: number): number => sizes.get(`${COPY}/${pieceName(piece)}`) ?? 0;
  const lostOf = (piece: number): number => Math.max(0, (sizes.get(pieceName(piece)) ?? 0) - durableOf(piece));
  const written = piecesAmong([...sizes.keys()]).filter((piece) => piece >= last);
  const durable = durableOf(last);
  const lost = written.reduce((sum, piece) => sum + lostOf(piece), 0);
  const random = run.random.fork(`power loss of ${name}, log of ${durable + lost}`);
  const torn = lostOf(last);
  const left = torn > 0 && random.float() < TORN ? random.int(torn) : 0;
  const tail = left === 0 ? undefined : (await disk.read(pieceName(last))).subarray(durable, durable + left);
  await disk.replace(COPY, '.', [COPY]);
  if (tail !== undefined) await disk.patch(pieceName(last), durable, tail);
  if (lost === 0) return 'lost nothing: its whole log was durable';
  return `lost ${lost - left} of the ${durable + lost} bytes of the end of its log, which were not durable${left > 0 ? `; a torn write of ${left} bytes is left` : ''}`;
}
