import { z } from 'zod';
import type { Node, Run } from '../../src/index.js';
import { exchangerFor, type ExchangeLimit } from './http-client.js';

const statusSchema = z.object({
  node: z.number(),
  role: z.string(),
  ballot: z.string(),
  leader: z.number().optional(),
  established: z.boolean(),
  commit: z.number(),
  applied: z.number(),
  leaseMs: z.number(),
  snapshot: z.number(),
  incarnation: z.number(),
  member: z.boolean(),
  membership: z.object({ epoch: z.number(), voters: z.array(z.object({ id: z.number(), at: z.string() })), highestId: z.number() }),
  // Half of a run's statuses would be the copying of these.
  counters: z.custom<Readonly<Record<string, number>>>(areNumbers),
  wallMs: z.number().optional(),
});

function areNumbers(counters: unknown): boolean {
  if (typeof counters !== 'object' || counters === null) return false;
  for (const name in counters) if (typeof (counters as Record<string, unknown>)[name] !== 'number') return false;
  return true;
}

/** What GET /status says, as far as faultline looks at it. */
export type PaxosStatus = z.infer<typeof statusSchema>;

/** The node's status, or undefined if it gives none within the limit. */
export async function askStatus(node: Node, run: Run, limit: ExchangeLimit): Promise<PaxosStatus | undefined> {
  using http = exchangerFor(run.cluster);
  const exchange = await http.exchange('GET', node.endpoint('client'), '/status', undefined, limit);
  const parsed = exchange.kind === 'answer' ? statusSchema.safeParse(exchange.body) : undefined;
  return parsed?.data;
}

/** The node of the run that a member lives on, by the member's number. The first members were given the nodes' own numbers, those who came later say where they are. */
export function placeOf({ voters }: PaxosStatus['membership'], id: number): string {
  const at = voters.find((voter) => voter.id === id)?.at ?? '';
  return at === '' ? `n${id}` : at;
}
