import type { Run } from './run-context.js';
import { messageOf } from '../errors.js';
import { waitUntil } from '../time/wait.js';

/** How long links may take to carry what is sent along them, ms. */
const PASS_MS = 5000;

/**
 * Sends messages along every directed link and waits until some of them arrive on each. Gives in words what is wrong: the links that carry nothing, or why they could not be probed;
 * undefined: all is well. Each fault looks at the links that it had; this looks at all, when nobody has a fault in force.
 */
export async function unhealthyLinks(run: Run, signal: AbortSignal): Promise<string | undefined> {
  let dead: readonly string[] = [];
  const allCarry = async (): Promise<boolean> => {
    dead = (await run.cluster.net.probe()).filter(({ received }) => received === 0).map(({ from, to }) => `${from} -> ${to}`);
    return dead.length === 0;
  };
  try {
    await waitUntil('links that carry', allCarry, { clock: run.clock, timeoutMs: PASS_MS, intervalMs: 50, signal });
    return undefined;
  } catch (error) {
    return dead.length > 0 ? `nothing arrives on ${dead.join(', ')}` : `the links could not be probed: ${messageOf(error)}`;
  }
}
