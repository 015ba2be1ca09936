import { z } from 'zod';
import type { SynodMessage, SynodRecord } from '../core/index.js';

const count = z.int().min(0);
const ballot = z.strictObject({ round: count, node: count });
const key = z.string().min(1).max(1024);
const value = z.json();
const vote = z.strictObject({ ballot, value });

/** Every message that a node understands. */
export const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('prepare'), key, ballot }),
  z.strictObject({ type: z.literal('promise'), key, ballot, accepted: vote.exactOptional() }),
  z.strictObject({ type: z.literal('accept'), key, ballot, value }),
  z.strictObject({ type: z.literal('accepted'), key, ballot }),
  z.strictObject({ type: z.literal('nack'), key, ballot, promised: ballot }),
  z.strictObject({ type: z.literal('decided'), key, value }),
]) satisfies z.ZodType<SynodMessage>;

/** The payload of a record of the log. */
export const recordsSchema = z.array(
  z.discriminatedUnion('type', [z.strictObject({ type: z.literal('promised'), key, ballot }), z.strictObject({ type: z.literal('accepted'), key, ballot, value })]),
) satisfies z.ZodType<SynodRecord[]>;
