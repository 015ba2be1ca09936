import { z } from 'zod';
import type { Disk, Node, Random, Run, System } from '../../src/index.js';
import { dataFiles, type Damage } from './files.js';
import { loseDirectory } from './lost-directory.js';

/** What was drawn for one node: which file, where in it, how much of it (each from 0 to 1), which bit; and what a torn write leaves. */
export const luckSchema = z.object({
  file: z.number().min(0).max(1),
  place: z.number().min(0).max(1).default(0),
  bit: z.int().min(0).max(7).default(0),
  /** Bytes in hex, or so many bytes as the file itself begins with. */
  tail: z.union([z.string().regex(/^([0-9a-f]{2})+$/), z.int().min(1)]).optional(),
});
export type Luck = z.infer<typeof luckSchema>;

interface DamageKind {
  /** Takes away what was durable. */
  readonly destroys: boolean;
  /** Settles what to do; undefined if there is nothing to do it to. */
  readonly plan: (node: Node, run: Run, luck: Luck) => Promise<Damage | undefined>;
}

export const DAMAGES = {
  'bit-flip': { destroys: true, plan: ({ disk }, _run, luck) => flipBit(disk, luck) },
  truncate: { destroys: true, plan: ({ disk }, _run, luck) => truncate(disk, luck) },
  'lost-directory': { destroys: true, plan: ({ disk }) => loseDirectory(disk) },
  'torn-tail': { destroys: false, plan: ({ disk }, run, luck) => tearTail(disk, run.system, luck) },
} as const satisfies Readonly<Record<string, DamageKind>>;

export function isDamage(kind: string): kind is keyof typeof DAMAGES {
  return Object.hasOwn(DAMAGES, kind);
}

/** A torn write leaves up to so many bytes. */
const MOST_TORN = 48;
/** A record torn within its header or soon after: shorter than any whole one that could stand at the head of a log (the shortest of the bundled systems, an empty list, has 18 bytes). */
const MOST_REPEATED = 17;

export function drawLuck(kind: keyof typeof DAMAGES, random: Random): Partial<Luck> {
  const part = (): number => Number(random.float().toFixed(6));
  if (kind === 'lost-directory') return { file: 0 };
  if (kind === 'torn-tail') return { file: part(), tail: random.float() < 0.5 ? 1 + random.int(MOST_REPEATED) : Buffer.from(Array.from({ length: 1 + random.int(MOST_TORN) }, () => random.int(256))).toString('hex') };
  return { file: part(), place: part(), ...(kind === 'bit-flip' ? { bit: random.int(8) } : {}) };
}

async function flipBit(disk: Disk, { file, place, bit }: Luck): Promise<Damage | undefined> {
  const chosen = pick(dataFiles(await disk.list()).filter(({ bytes }) => bytes > 0), file);
  if (chosen === undefined) return undefined;
  const { path, bytes } = chosen;
  const offset = Math.min(bytes - 1, Math.floor(place * bytes));
  const before = (await disk.read(path))[offset] ?? 0;
  const after = before ^ (1 << bit);
  return {
    detail: { file: path, bytes, offset, bit },
    words: `bit ${bit} of byte ${offset} of ${path} changed`,
    apply: () => disk.patch(path, offset, Buffer.from([after])),
    undo: async () => {
      const now = (await disk.list()).some((listed) => listed.path === path) ? (await disk.read(path))[offset] : undefined;
      if (now === before) return `${path} is as it was`;
      if (now !== after) return `${path} was written over`;
      await disk.patch(path, offset, Buffer.from([before]));
      return `${path} put right`;
    },
  };
}

/** Small cuts are likelier: the end is what a program is careless about. */
async function truncate(disk: Disk, { file, place }: Luck): Promise<Damage | undefined> {
  const chosen = pick(dataFiles(await disk.list()).filter(({ bytes }) => bytes > 0), file);
  if (chosen === undefined) return undefined;
  const { path, bytes } = chosen;
  const length = bytes - Math.min(bytes, 1 + Math.floor(place ** 3 * bytes));
  const kept = (await disk.read(path)).subarray(length);
  return {
    detail: { file: path, bytes, cut: bytes - length },
    words: `${bytes - length} of the ${bytes} bytes of ${path} cut off`,
    apply: () => disk.truncate(path, length),
    undo: async () => {
      const now = (await disk.list()).find((listed) => listed.path === path)?.bytes;
      if (now !== length) return `${path} was written over`;
      await disk.patch(path, length, kept);
      return `${path} put right`;
    },
  };
}

async function tearTail(disk: Disk, system: System, { file, tail = 1 }: Luck): Promise<Damage | undefined> {
  const files = dataFiles(await disk.list());
  const logs = system.appendOnlyFiles?.(files.map(({ path }) => path)) ?? [];
  const chosen = pick(files.filter(({ path }) => logs.includes(path)), file);
  if (chosen === undefined) return undefined;
  const { path, bytes } = chosen;
  const garbage = typeof tail === 'string' ? Buffer.from(tail, 'hex') : (await disk.read(path)).subarray(0, tail);
  if (garbage.length === 0) return undefined;
  return {
    detail: { file: path, bytes, tail: garbage.toString('hex') },
    words: `a torn write of ${garbage.length} bytes at the end of ${path}`,
    apply: () => disk.patch(path, bytes, garbage),
  };
}

function pick<T>(from: readonly T[], luck: number): T | undefined {
  return from[Math.min(from.length - 1, Math.floor(luck * from.length))];
}
