import { FaultlineError, messageOf } from '../errors.js';
import type { Node } from '../control/cluster.js';
import { whyUnreachable } from './reach.js';
import type { Run } from './run-context.js';

/** A node that does not answer within so long after its start does not work, milliseconds. */
const READY_MS = 15_000;

/** Installs and starts the system on every node, and waits until each answers. Throws FaultlineError `node-start` that names the node and quotes its log. */
export async function startNodes(run: Run, signal: AbortSignal): Promise<void> {
  await Promise.all(run.cluster.nodes.map((node) => startNode(node, run, signal)));
}

async function startNode(node: Node, run: Run, signal: AbortSignal): Promise<void> {
  const { system, cluster } = run;
  await system.install?.(node, run);
  signal.throwIfAborted();
  await system.start(node, run);
  const ready = new AbortController();
  const stop = run.clock.within(READY_MS, signal, ready.signal);
  try {
    await Promise.race([system.ready(node, run, stop), deathOf(node, run, stop)]);
  } catch (error) {
    signal.throwIfAborted();
    const exit = cluster.unexpectedExits().find(({ node: name }) => name === node.name);
    if (exit === undefined) throw await silence(node, run, error);
    const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal;
    throw new FaultlineError('node-start', `${node.name} ended as soon as it was started (${how}). Its last words:\n${indent(exit.tail)}`, { hint: `Its whole log is in ${node.logDir}.` });
  } finally {
    ready.abort();
  }
}

/** What is known of a node that runs and does not answer: that it cannot be reached, or that it can. */
async function silence(node: Node, run: Run, cause: unknown): Promise<FaultlineError> {
  const [port] = run.system.ports;
  const endpoint = port === undefined ? undefined : node.endpoint(port);
  const why = endpoint === undefined || run.cluster.exchange !== undefined ? undefined : await whyUnreachable(endpoint);
  const where = endpoint === undefined ? '' : ` at ${endpoint.host}:${endpoint.port}`;
  if (why !== undefined) {
    return new FaultlineError('node-start', `${node.name} cannot be reached${where}: ${why}`, { cause, hint: `Does it run, and does a firewall or a name stand between? Its log is in ${node.logDir}.` });
  }
  return new FaultlineError('node-start', `${node.name} does not answer${where} within ${READY_MS / 1000} s, though it takes connections: ${messageOf(cause)}`, { cause, hint: `Look at its log in ${node.logDir}.` });
}

/** Rejects when the node's program has ended by itself. */
async function deathOf(node: Node, run: Run, signal: AbortSignal): Promise<never> {
  for (;;) {
    if (run.cluster.unexpectedExits().some(({ node: name }) => name === node.name)) throw new FaultlineError('node-died', `${node.name} has ended`);
    await run.clock.sleep(50, signal);
  }
}

/** Starts every program that is not running, at the end of the faults, and waits until each answers. Returns what could not be started, in words. */
export async function reviveNodes(run: Run, signal: AbortSignal): Promise<readonly string[]> {
  const failures = await Promise.all(
    run.cluster.nodes.map(async (node) => {
      try {
        const state = await node.state();
        if (state === 'paused') await node.signal('SIGCONT');
        if (state === 'stopped') await node.restart();
        await run.system.ready(node, run, run.clock.within(READY_MS, signal));
        return [];
      } catch (error) {
        return [`${node.name}: ${messageOf(error)}`];
      }
    }),
  );
  return failures.flat();
}

function indent(text: string): string {
  return text.trimEnd().split('\n').map((line) => `    ${line}`).join('\n');
}
