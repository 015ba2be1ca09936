import { waitUntil, type LinkName, type LinkStats, type ProgramState, type Run } from '../../src/index.js';

/** How long bytes may take to flow again after healing. */
const FLOW_MS = 2000;

/** What happened on a link between two looks at its counters. */
export interface LinkChange extends LinkName {
  readonly deliveredBytes: number;
  readonly deliveredChunks: number;
  readonly stalledChunks: number;
  readonly resets: number;
  readonly delayedChunks: number;
}

export type Snapshot = ReadonlyMap<string, LinkStats>;

/** The counters of all links now. */
export async function snapshot(run: Run): Promise<Snapshot> {
  return new Map((await run.cluster.net.stats()).map((stats) => [linkKey(stats), stats]));
}

/** What happened on some links since a snapshot. */
export function changes(links: readonly LinkName[], before: Snapshot, after: Snapshot): readonly LinkChange[] {
  return links.map(({ from, to }) => {
    const [old, now] = [before.get(linkKey({ from, to })), after.get(linkKey({ from, to }))];
    const grown = (counter: Exclude<keyof LinkChange, 'from' | 'to'>): number => (now?.[counter] ?? 0) - (old?.[counter] ?? 0);
    return { from, to, deliveredBytes: grown('deliveredBytes'), deliveredChunks: grown('deliveredChunks'), stalledChunks: grown('stalledChunks'), resets: grown('resets'), delayedChunks: grown('delayedChunks') };
  });
}

/**
 * Waits until bytes have flowed again on every one of `links`, which had traffic before. Those that cannot show it are let
 * off, if others can: an end is down or paused, or somebody else cuts them.
 */
export async function watchFlow(run: Run, links: readonly LinkName[], since: Snapshot, signal: AbortSignal): Promise<{ readonly observed: boolean; readonly evidence: string }> {
  let look = await lookAt(run, links, since);
  const shown = async (): Promise<boolean> => {
    look = await lookAt(run, links, since);
    return look.silent.length === 0 && look.flowing.length > 0;
  };
  await waitUntil('bytes on the healed links', shown, { clock: run.clock, timeoutMs: FLOW_MS, signal }).catch(() => undefined);
  const { flowing, silent, excused } = look;
  const parts = [`bytes flow again on ${flowing.length} of ${links.length} links that had traffic`];
  if (excused.length > 0) parts.push(`${excused.length} cannot show it: an end is down or paused, or another fault cuts them`);
  if (silent.length > 0) parts.push(`silent: ${silent.map(({ from, to }) => `${from} -> ${to}`).join(', ')}`);
  return { observed: silent.length === 0 && flowing.length > 0, evidence: parts.join('; ') };
}

async function lookAt(run: Run, links: readonly LinkName[], since: Snapshot): Promise<{ readonly flowing: readonly LinkName[]; readonly silent: readonly LinkName[]; readonly excused: readonly LinkName[] }> {
  const states = new Map<string, ProgramState>();
  for (const node of run.cluster.nodes) states.set(node.name, await node.state());
  const now = await snapshot(run);
  // What is handed to the socket of a dead program reaches nobody.
  const flowing = changes(links, since, now).filter((change) => change.deliveredBytes > 0 && states.get(change.to) !== 'stopped');
  const rest = links.filter((link) => !flowing.some((other) => linkKey(other) === linkKey(link)));
  const able = (link: LinkName): boolean => states.get(link.from) === 'running' && states.get(link.to) === 'running' && now.get(linkKey(link))?.cut !== true;
  return { flowing, silent: rest.filter(able), excused: rest.filter((link) => !able(link)) };
}

export function linkKey(link: LinkName): string {
  return `${link.from}>${link.to}`;
}
