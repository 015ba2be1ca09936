import { NS_PER_MS, type Node, type Run } from '../../src/index.js';

const ANSWER_MS = 400;
/** A baseline is the best of so many readings, if they come within so many milliseconds. */
const BASELINE_READINGS = 5;
const BASELINE_MS = 600;
/** Both clocks are read in whole milliseconds. */
const ROUNDING_MS = 1;

/** How far a node's wall clock is ahead of the controller's, milliseconds, and how much that may be wrong: half of the round trip. */
export interface Reading {
  readonly offsetMs: number;
  readonly errorMs: number;
  /** The middle of the round trip, nanoseconds of the run. */
  readonly atNs: number;
}

/** What a clock shows before anybody moves it. */
export type Baseline = Omit<Reading, 'atNs'>;

/** Asks a node for its clock; undefined if it is down or paused, or does not answer in time. */
export async function readClock(run: Run, node: Node, signal: AbortSignal): Promise<Reading | undefined> {
  if ((await node.state()) !== 'running') return undefined;
  const [askedMs, askedNs] = [run.clock.wallMs(), run.clock.now()];
  const wallMs = await askWall(run, node, run.clock.within(ANSWER_MS, signal)).catch(() => undefined);
  const takenNs = run.clock.now() - askedNs;
  if (wallMs === undefined || !Number.isFinite(wallMs)) return undefined;
  return { offsetMs: wallMs - (askedMs + takenNs / NS_PER_MS / 2), errorMs: takenNs / NS_PER_MS / 2 + ROUNDING_MS, atNs: askedNs + takenNs / 2 };
}

/**
 * Of several readings the one with the shortest round trip: it is no more wrong than that allows, which cannot be said of a mean or a median on a busy machine. Of a
 * node that gives none: that it is right.
 */
export async function baselineOf(run: Run, node: Node, signal: AbortSignal): Promise<Baseline> {
  const deadlineNs = run.clock.now() + BASELINE_MS * NS_PER_MS;
  let best: Baseline = { offsetMs: 0, errorMs: Infinity };
  for (let i = 0; i < BASELINE_READINGS && run.clock.now() < deadlineNs; i++) {
    const reading = await readClock(run, node, signal);
    if (reading === undefined) break;
    if (reading.errorMs < best.errorMs) best = reading;
  }
  return best.errorMs === Infinity ? { offsetMs: 0, errorMs: ROUNDING_MS } : best;
}

/** By its status; of a system whose status has no clock, by a command on the node. */
async function askWall(run: Run, node: Node, signal: AbortSignal): Promise<number | undefined> {
  const status = await run.system.status?.(node, run, signal);
  if (status?.wallMs !== undefined) return status.wallMs;
  if (status === undefined && run.system.status !== undefined) return undefined;
  const { exitCode, stdout } = await node.exec(['date', '+%s%3N'], { timeoutMs: ANSWER_MS });
  return exitCode === 0 ? Number(stdout) : undefined;
}
