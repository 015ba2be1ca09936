import { z } from 'zod';
import type { FileSystem } from '../../../src/index.js';
import { crc32c } from './crc32c.js';
import { SERVER_EXIT, ServerError } from './failure.js';

const FORMAT = 3;
const identitySchema = z.object({ format: z.literal(FORMAT), cluster: z.string(), node: z.int().min(1), incarnation: z.int().min(0) });

/** Who the data belongs to. `incarnation` counts the starts, from 0 after `init`: no two lives of a node are taken for one. */
export interface Identity {
  readonly cluster: string;
  readonly node: number;
  readonly incarnation: number;
}

/** The content of identity.json: one line, with a checksum, so that a changed digit is not taken for another number. */
export function identityText({ cluster, node, incarnation }: Identity): string {
  const fields = { format: FORMAT, cluster, node, incarnation };
  return `${JSON.stringify({ ...fields, crc: crc32c(Buffer.from(JSON.stringify(fields))) })}\n`;
}

/** Throws ServerError (data) for a file that is not to the letter what `identityText` writes. */
export function readIdentity(files: FileSystem, file: string): Identity {
  const text = files.read(file).toString('utf8');
  const parsed = identitySchema.safeParse(parseJson(text));
  if (!parsed.success || identityText(parsed.data) !== text) {
    throw new ServerError(SERVER_EXIT.data, `${file} cannot be understood: it is damaged, or from another version. Replace this node by a new one with an empty disk and a new id.`);
  }
  const { cluster, node, incarnation } = parsed.data;
  return { cluster, node, incarnation };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
