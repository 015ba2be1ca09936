import { wallClock, type Node, type Run } from '../../src/index.js';

const ANSWER_MS = 400;

/** How far a node's wall clock is ahead of the controller's, milliseconds, taken in the middle of the question; undefined if it does not answer. */
export async function offsetOf(run: Run, node: Node, signal: AbortSignal): Promise<number | undefined> {
  if ((await node.state()) !== 'running') return undefined;
  const before = wallClock().getTime();
  const wallMs = await askWall(run, node, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])).catch(() => undefined);
  return wallMs === undefined ? undefined : wallMs - (before + wallClock().getTime()) / 2;
}

/** By its status; of a system whose status has no clock, by a command on the node. */
async function askWall(run: Run, node: Node, signal: AbortSignal): Promise<number | undefined> {
  if (run.system.status !== undefined) return (await run.system.status(node, run, signal))?.wallMs;
  const { exitCode, stdout } = await node.exec(['date', '+%s%3N'], { timeoutMs: ANSWER_MS });
  return exitCode === 0 ? Number(stdout) : undefined;
}
