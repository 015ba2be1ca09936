import { z } from 'zod';
import { FaultlineError, messageOf, type Random, type Run } from '../../src/index.js';

/** How long a nemesis asks who leads. */
const ASK_MS = 500;

/** Names of the run's nodes. */
export function nodeNames(run: Run): readonly string[] {
  return run.cluster.nodes.map((node) => node.name);
}

/** What every `start` carries: the kind, and the nodes in the order in which they are chosen. */
export interface Aim {
  readonly kind: string;
  readonly order: readonly string[];
}

export const aimFields = { kind: z.string(), order: z.array(z.string()).min(1).readonly() };

/** The seeded part of an aim. */
export function drawAim(run: Run, kind: string, random: Random): Aim {
  return { kind, order: random.shuffle(nodeNames(run)) };
}

/** Reads the value of a `start`. Throws FaultlineError `nemesis-value` for one that this nemesis cannot carry out. */
export function parseStart<T extends Aim>(run: Run, nemesis: string, kinds: Readonly<Record<string, unknown>>, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badStart(nemesis, parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  if (!Object.hasOwn(kinds, parsed.data.kind)) throw badStart(nemesis, `no kind "${parsed.data.kind}"`, `Known are: ${Object.keys(kinds).join(', ')}.`);
  const known = nodeNames(run);
  const stranger = parsed.data.order.find((node) => !known.includes(node));
  if (stranger !== undefined) throw badStart(nemesis, `no node "${stranger}"`, `The run has: ${known.join(', ')}.`);
  return parsed.data;
}

function badStart(nemesis: string, what: string, hint = 'A start has a kind and an order of nodes.'): FaultlineError {
  return new FaultlineError('nemesis-value', `the start of a ${nemesis} fault: ${what}`, { hint });
}

/** The order of nodes of a fault that aims at the leader, and what became of the aim, for the record. */
export interface LeaderAim {
  readonly order: readonly string[];
  readonly leader: string | null;
  readonly note?: string;
}

/** Puts the leader of now first; if there is none, or the system cannot say, the order stays as it was drawn. */
export async function aimAtLeader(run: Run, order: readonly string[], signal: AbortSignal): Promise<LeaderAim> {
  const { leader, why } = await whoLeads(run, signal);
  if (leader !== null) return { order: [leader, ...order.filter((node) => node !== leader)], leader };
  return { order, leader, note: `${why}: aimed at ${order[0]} instead` };
}

/** The node that leads now, by the newest term; or why there is none that is known. */
export async function whoLeads(run: Run, signal: AbortSignal): Promise<{ readonly leader: string; readonly why?: never } | { readonly leader: null; readonly why: string }> {
  const answer = await askPrimaries(run, signal);
  const leader = typeof answer === 'string' ? undefined : answer.find((node) => nodeNames(run).includes(node));
  if (leader !== undefined) return { leader };
  return { leader: null, why: typeof answer === 'string' ? answer : 'nobody leads now' };
}

/** Who leads, newest first, or why nobody knows. */
async function askPrimaries(run: Run, signal: AbortSignal): Promise<readonly string[] | string> {
  const ask = run.system.primaries?.bind(run.system);
  if (ask === undefined) return `${run.system.name} does not say who leads`;
  const bounded = run.clock.within(ASK_MS, signal);
  const silence = new Promise<string>((resolve) => {
    bounded.addEventListener('abort', () => resolve(`nobody said within ${ASK_MS} ms who leads`), { once: true });
  });
  try {
    return await Promise.race([ask(run, bounded), silence]);
  } catch (error) {
    return `asking who leads failed (${messageOf(error)})`;
  }
}
