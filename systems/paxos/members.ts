import { z } from 'zod';
import { FaultlineError, waitUntil, type Members, type Node, type Run } from '../../src/index.js';
import { initNode, quorumsOf, startNode } from './command.js';
import { exchangerFor } from './http-client.js';
import { paxosOptions } from './options.js';
import { askStatus, placeOf, type PaxosStatus } from './status.js';

/** How long one node is given to answer. */
const ANSWER_MS = 1500;
const PAUSE_MS = 100;

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Members come and go by POST /members. A node that was taken out comes back under a new number, on an empty disk. */
export const paxosMembers: Members = {
  remove: async (nodes, run, signal) => {
    const names = nodes.map(({ name }) => name);
    const epoch = await change(run, signal, (membership) => ({ add: [], remove: idsAt(membership, names) }));
    // Until a leader of the new epoch is established, what was chosen may be on the disks of those that go alone.
    await waitUntil('a leader of the new members', async () => (await statusesOf(run, signal)).some((status) => leadsIn(status, epoch)), { clock: run.clock, timeoutMs: 60_000, intervalMs: PAUSE_MS, signal });
  },
  add: async (node, run, signal) => {
    const id = nextId(run, (await knownMembership(run, signal)).highestId);
    await initNode(node, run, id);
    await startNode(node, run);
    const epoch = await change(run, signal, (membership) => ({ add: membership.voters.some((voter) => voter.id === id) ? [] : [{ id, at: node.name }], remove: idsAt(membership, [node.name]).filter((other) => other !== id) }));
    // And until the new one knows all that was chosen before it became a member: it may be asked to make up for the next that loses its disk.
    const arrived = async (): Promise<boolean> => {
      const [own, statuses] = await Promise.all([askStatus(node, run, { timeoutMs: ANSWER_MS, signal }), statusesOf(run, signal)]);
      return own?.member === true && own.membership.epoch >= epoch && statuses.some((status) => leadsIn(status, epoch));
    };
    await waitUntil(`${node.name} among the members, and a leader of theirs`, arrived, { clock: run.clock, timeoutMs: 60_000, intervalMs: PAUSE_MS, signal });
  },
  bearableLosses: (run) => {
    const nodes = run.cluster.nodes.length;
    const { q1, q2 } = quorumsOf(paxosOptions.parse(run.systemOptions), nodes);
    return nodes - Math.max(q1, q2);
  },
  settled: async (run, signal) => {
    const agreed = async (): Promise<boolean> => {
      const statuses = await statusesOf(run, signal);
      const newest = Math.max(...statuses.map(({ membership }) => membership.epoch));
      return statuses.length === run.cluster.nodes.length && statuses.every(({ membership, member }) => member && membership.epoch === newest);
    };
    await waitUntil('nodes that agree on their members', agreed, { clock: run.clock, timeoutMs: 60_000, intervalMs: PAUSE_MS, signal });
  },
  list: async (run, signal) => {
    const membership = await knownMembership(run, signal);
    return membership.voters.map(({ id }) => placeOf(membership, id));
  },
};

/** The highest number that was given in a run: who is asked may not know of it yet. */
const given = new WeakMap<Run, number>();

function nextId(run: Run, highest: number): number {
  const id = Math.max(highest, given.get(run) ?? 0) + 1;
  given.set(run, id);
  return id;
}

interface Change {
  readonly add: readonly { readonly id: number; readonly at: string }[];
  readonly remove: readonly number[];
}

/** Asks the nodes in turn for what is still to be changed, until nothing is; gives the epoch that it is done in. Throws FaultlineError for what will never do. */
async function change(run: Run, signal: AbortSignal, wanted: (membership: PaxosStatus['membership']) => Change): Promise<number> {
  using http = exchangerFor(run.cluster);
  let words = 'nobody was asked';
  for (let turn = 0; ; turn++) {
    if (signal.aborted) throw new FaultlineError('members-unchanged', `the members could not be changed in time: ${words}`);
    const membership = await knownMembership(run, signal);
    const { add, remove } = wanted(membership);
    if (add.length + remove.length === 0) return membership.epoch;
    const node = run.cluster.nodes[turn % run.cluster.nodes.length] as Node;
    const exchange = await http.exchange('POST', node.endpoint('client'), '/members', { add, remove }, { timeoutMs: ANSWER_MS, signal });
    const refusal = exchange.kind === 'answer' ? refusalSchema.safeParse(exchange.body) : undefined;
    words = `${node.name}: ${refusal?.success === true ? refusal.data.error.message : exchange.kind === 'answer' ? `status ${exchange.status}` : exchange.message}`;
    if (exchange.kind !== 'answer' || exchange.status !== 200) await run.clock.sleep(PAUSE_MS);
  }
}

/** Whether a node leads the members of an epoch, or of a later one, and knows all that was chosen before. */
function leadsIn({ role, established, membership }: PaxosStatus, epoch: number): boolean {
  return role === 'leader' && established && membership.epoch >= epoch;
}

function idsAt(membership: PaxosStatus['membership'], names: readonly string[]): readonly number[] {
  return membership.voters.flatMap(({ id }) => (names.includes(placeOf(membership, id)) ? [id] : []));
}

/** What the node says that knows most. Throws when nobody says anything before the signal. */
async function knownMembership(run: Run, signal: AbortSignal): Promise<PaxosStatus['membership']> {
  return waitUntil('a node that says who the members are', async () => (await statusesOf(run, signal)).map(({ membership }) => membership).sort((a, b) => b.epoch - a.epoch)[0], { clock: run.clock, timeoutMs: 60_000, intervalMs: PAUSE_MS, signal });
}

async function statusesOf(run: Run, signal: AbortSignal): Promise<readonly PaxosStatus[]> {
  return (await Promise.all(run.cluster.nodes.map((node) => askStatus(node, run, { timeoutMs: ANSWER_MS, signal })))).filter((status) => status !== undefined);
}
