import { z } from 'zod';
import { MAX_NODES, READ_MODES, type Message, type WalRecord } from '../core/index.js';

/** Bumped when messages change in a way that older nodes do not understand. */
export const PROTOCOL_VERSION = 6;

const count = z.int().min(0);
const slot = z.int().min(1);
const nodeId = z.int().min(1);
const ballot = z.strictObject({ round: count, node: count });
/** A node that is to vote, and where it is reached. */
export const memberSchema = z.strictObject({ id: nodeId, at: z.string().max(300) });
const membership = z.strictObject({ epoch: count, voters: z.array(memberSchema).min(1).max(MAX_NODES), q1: count.min(1), q2: count.min(1), highestId: nodeId, smaller: z.strictObject({ phase: z.literal([1, 2]), size: count.min(1) }).exactOptional() });
/** The longest name that a key may have, in UTF-16 code units. */
export const MAX_KEY_LENGTH = 1024;
const key = z.string().max(MAX_KEY_LENGTH);

/** Operations as clients and nodes state them. */
export const operationSchema = z.discriminatedUnion('f', [
  z.strictObject({ f: z.literal('read'), key }),
  z.strictObject({ f: z.literal('write'), key, value: z.json() }),
  z.strictObject({ f: z.literal('cas'), key, from: z.json(), to: z.json() }),
  z.strictObject({ f: z.literal('append'), key, value: z.json() }),
  z.strictObject({ f: z.literal('add'), key, value: z.number() }),
]);

export const sessionSchema = z.strictObject({ id: slot, seq: z.int().min(1), firstUnacked: z.int().min(1) });

const command = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('noop') }),
  z.strictObject({ kind: z.literal('reconfigure'), membership }),
  z.strictObject({ kind: z.literal('open-session'), nonce: z.string() }),
  z.strictObject({ kind: z.literal('operation'), op: operationSchema, session: sessionSchema.exactOptional(), nonce: z.string().exactOptional() }),
]);

export const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open-session') }),
  z.strictObject({ kind: z.literal('transfer'), to: nodeId.exactOptional() }),
  z.strictObject({ kind: z.literal('reconfigure'), add: z.array(memberSchema), remove: z.array(nodeId) }),
  z.strictObject({ kind: z.literal('operation'), op: operationSchema, session: sessionSchema.exactOptional(), via: z.enum(READ_MODES).exactOptional(), after: count.exactOptional() }),
]);

const replySchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.json(), at: count.exactOptional() }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum(['cas-mismatch', 'wrong-type', 'session-expired', 'not-leader', 'not-member', 'overloaded', 'bad-request', 'unavailable', 'unknown']),
    message: z.string(),
    definite: z.boolean(),
    actual: z.json().exactOptional(),
    leader: nodeId.exactOptional(),
  }),
]);

const acceptedValue = z.strictObject({ ballot, command });
const acceptedSlot = z.strictObject({ slot, ballot, command });
const id = count;
const epoch = z.string();

/** Every message that a node understands. */
export const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pre-vote'), attempt: count, epoch: count.exactOptional() }),
  z.strictObject({ type: z.literal('pre-vote-reply'), attempt: count, granted: z.boolean(), promised: ballot, ahead: count.exactOptional() }),
  z.strictObject({ type: z.literal('prepare'), ballot, from: slot }),
  z.strictObject({ type: z.literal('promise'), ballot, chosenUpTo: count, accepted: z.array(acceptedSlot) }),
  z.strictObject({ type: z.literal('nack'), ballot, promised: ballot, leaseMs: z.number().min(0).exactOptional() }),
  z.strictObject({ type: z.literal('accept'), ballot, slot, commands: z.array(command).min(1), commit: count }),
  z.strictObject({ type: z.literal('accepted'), ballot, slots: z.array(z.tuple([slot, slot])) }),
  z.strictObject({ type: z.literal('heartbeat'), ballot, nonce: count, commit: count, sentAt: z.number(), leaseMs: z.number().min(0), members: z.array(memberSchema).max(MAX_NODES).exactOptional() }),
  z.strictObject({ type: z.literal('heartbeat-ack'), ballot, nonce: count, sentAt: z.number(), leaseMs: z.number().min(0), upTo: count.exactOptional() }),
  z.strictObject({ type: z.literal('fetch'), from: slot }),
  z.strictObject({ type: z.literal('learn'), from: slot, values: z.array(acceptedValue), chosenUpTo: count }),
  z.strictObject({ type: z.literal('snapshot-part'), digest: z.string(), slot, part: count, of: z.int().min(1), data: z.string(), sum: z.string() }),
  z.strictObject({ type: z.literal('fetch-snapshot'), digest: z.string(), part: count, from: slot }),
  z.strictObject({ type: z.literal('forward'), id, epoch, ballot, request: requestSchema }),
  z.strictObject({ type: z.literal('forward-reply'), id, epoch, reply: replySchema }),
  z.strictObject({ type: z.literal('read-index'), id, epoch, lease: z.boolean() }),
  z.strictObject({ type: z.literal('read-index-reply'), id, epoch, index: count.nullable(), ballot, leader: nodeId.exactOptional() }),
  z.strictObject({ type: z.literal('quorum-read'), id, epoch }),
  z.strictObject({ type: z.literal('quorum-read-reply'), id, epoch, last: count }),
  z.strictObject({ type: z.literal('hand-over'), ballot, to: nodeId, sentAt: z.number() }),
]) satisfies z.ZodType<Message>;

/** The first frame on a connection: who speaks to whom, of which cluster, and what its members were at first. */
export const helloSchema = z.strictObject({ type: z.literal('hello'), version: z.literal(PROTOCOL_VERSION), cluster: z.string(), genesis: z.string(), from: nodeId, to: nodeId });
export type Hello = z.infer<typeof helloSchema>;

/** The payload of a record of the write-ahead log. */
export const walRecordsSchema = z.array(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('promised'), ballot }),
    z.strictObject({ type: z.literal('accepted'), slot, ballot, command }),
    z.strictObject({ type: z.literal('chosen'), upTo: count }),
    z.strictObject({ type: z.literal('lease'), longestMs: z.number().min(0) }),
  ]),
) satisfies z.ZodType<WalRecord[]>;
