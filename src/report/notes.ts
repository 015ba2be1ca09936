import { z } from 'zod';
import type { Op } from '../history/op.js';

const observation = z.object({ observed: z.boolean(), evidence: z.string() });
const names = z.array(z.string());

/** What a nemesis says of a fault in the history. Unknown details are kept. */
const faultSchema = z.looseObject({
  kind: z.string(),
  targets: names.optional().catch(undefined),
  grudge: z.record(z.string(), names).optional().catch(undefined),
  killed: names.optional().catch(undefined),
  drop: z.string().optional().catch(undefined),
  delayMs: z.number().optional().catch(undefined),
  effect: observation.optional().catch(undefined),
  healed: observation.optional().catch(undefined),
});

/** A fault as the history tells it. */
export type FaultNote = z.infer<typeof faultSchema>;

const leaderSchema = z.object({ node: z.string(), term: z.union([z.string(), z.number()]).transform(String) });

/** A change of leader as the monitor saw it. */
export type LeaderNote = z.infer<typeof leaderSchema>;

const clocksSchema = z.record(z.string(), z.number());

/** What the nodes' wall clocks showed, milliseconds ahead of the controller's; a node that gave no answer is missing. */
export type ClocksNote = z.infer<typeof clocksSchema>;

/** The name of the nemesis that an event belongs to, if it is one's. */
export function nemesisOf(op: Pick<Op, 'process'>): string | undefined {
  return typeof op.process === 'string' && op.process.startsWith('nemesis/') ? op.process.slice('nemesis/'.length) : undefined;
}

/** The fault that an event of a nemesis tells of; undefined if its value is not of that shape. */
export function faultNote(value: unknown): FaultNote | undefined {
  return faultSchema.safeParse(value).data;
}

/** The change of leader that an event notes, if it does. */
export function leaderNote(op: Op): LeaderNote | undefined {
  return op.process === 'monitor' && op.f === 'leader' ? leaderSchema.safeParse(op.value).data : undefined;
}

/** The offsets of clocks that an event notes, if it does. */
export function clocksNote(op: Op): ClocksNote | undefined {
  return op.process === 'monitor' && op.f === 'clocks' ? clocksSchema.safeParse(op.value).data : undefined;
}

/** A fault in few words: `partition majority-minority: n1, n2 (reset)`. */
export function faultWords(nemesis: string, { kind, targets, drop, delayMs }: FaultNote): string {
  const details = [drop, delayMs === undefined ? undefined : `${delayMs} ms`].filter((detail) => detail !== undefined);
  return `${nemesis} ${kind}${targets === undefined || targets.length === 0 ? '' : `: ${targets.join(', ')}`}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}
