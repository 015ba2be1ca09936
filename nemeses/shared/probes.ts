import { messageOf, waitUntil, type LinkName, type LinkProbe, type Run } from '../../src/index.js';
import { linkKey, type LinkChange } from './traffic.js';

/** How long links may take to carry what we send again after healing. */
const PASS_MS = 2500;

/** What came of a probe that was begun before; words if it failed. */
export type ProbeLater = () => Promise<readonly LinkProbe[] | string>;

/** Begins to probe links without waiting for the result. */
export function startProbe(run: Run, links: readonly LinkName[]): ProbeLater {
  const result = run.cluster.net.probe(links).catch((error: unknown) => messageOf(error));
  return () => result;
}

/** What is asked of a healed link. */
export interface Healthy {
  readonly what: string;
  readonly test: (probe: LinkProbe) => boolean;
}

const PASSES: Healthy = { what: 'carry what we send', test: ({ received }) => received > 0 };

/** Probes links until each is healthy; those that another fault still cuts are let off. The evidence names those that are not. */
export async function seenPassing(run: Run, links: readonly LinkName[], signal: AbortSignal, healthy: Healthy = PASSES): Promise<{ readonly observed: boolean; readonly evidence: string }> {
  let bad: readonly LinkProbe[] = [];
  let excused = 0;
  const look = async (): Promise<boolean> => {
    const cut = new Set((await run.cluster.net.stats()).filter((link) => link.cut).map(linkKey));
    const able = links.filter((link) => !cut.has(linkKey(link)));
    excused = links.length - able.length;
    bad = (await run.cluster.net.probe(able)).filter((probe) => !healthy.test(probe));
    return bad.length === 0;
  };
  try {
    await waitUntil('healthy links', look, { clock: run.clock, timeoutMs: PASS_MS, intervalMs: 50, signal });
  } catch (error) {
    if (bad.length === 0) return { observed: false, evidence: `probing the healed links failed: ${messageOf(error)}` };
  }
  const parts = [`${links.length - bad.length - excused} of ${links.length} links ${healthy.what} again`];
  if (excused > 0) parts.push(`${excused} are cut by another fault`);
  if (bad.length > 0) parts.push(`not: ${bad.map(({ from, to, received, sent, meanMs }) => `${from} -> ${to} (${received} of ${sent}${meanMs === null ? '' : `, ${meanMs} ms`})`).join(', ')}`);
  return { observed: bad.length === 0, evidence: parts.join('; ') };
}

/** The sum of a counter over links. */
export function sumOf(links: readonly LinkChange[], counter: Exclude<keyof LinkChange, 'from' | 'to'>): number {
  return links.reduce((sum, link) => sum + link[counter], 0);
}
