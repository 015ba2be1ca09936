import { FaultlineError, type Node, type Run } from '../../src/index.js';
import { exchangerFor } from './http-client.js';
import { askStatus, placeOf } from './status.js';

/** How long the leader is given to hand over, or to say that it cannot. */
const ANSWER_MS = 1500;

/** Asks the leader by POST /transfer. It says so when somebody else leads, or why nobody does. */
export async function transferLeadership(leader: string, to: Node | undefined, run: Run, signal: AbortSignal): Promise<string> {
  const node = run.cluster.nodes.find(({ name }) => name === leader);
  if (node === undefined) throw new FaultlineError('no-such-node', `there is no node "${leader}"`);
  using http = exchangerFor(run.cluster);
  const id = to === undefined ? undefined : await idOf(to, node, run, signal);
  if (to !== undefined && id === undefined) return `${to.name} is no member, as far as ${leader} says`;
  const exchange = await http.exchange('POST', node.endpoint('client'), '/transfer', id === undefined ? {} : { to: id }, { timeoutMs: ANSWER_MS, signal });
  if (exchange.kind !== 'answer') return `${leader} did not answer: ${exchange.message}`;
  return `${leader} answered ${JSON.stringify(exchange.body)}`;
}

/** The number under which a node is a member, as another one knows it. */
async function idOf({ name }: Node, asked: Node, run: Run, signal: AbortSignal): Promise<number | undefined> {
  const status = await askStatus(asked, run, { timeoutMs: ANSWER_MS, signal });
  return status?.membership.voters.find(({ id }) => placeOf(status.membership, id) === name)?.id;
}
