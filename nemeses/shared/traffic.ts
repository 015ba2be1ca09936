import type { LinkName, LinkStats, Run } from '../../src/index.js';

/** What happened on a link between two looks at its counters. */
export interface LinkChange extends LinkName {
  readonly deliveredBytes: number;
  readonly deliveredChunks: number;
  readonly stalledChunks: number;
  readonly resets: number;
  readonly delayedChunks: number;
  readonly disturbedChunks: number;
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
    return { from, to, deliveredBytes: grown('deliveredBytes'), deliveredChunks: grown('deliveredChunks'), stalledChunks: grown('stalledChunks'), resets: grown('resets'), delayedChunks: grown('delayedChunks'), disturbedChunks: grown('disturbedChunks') };
  });
}

export function linkKey(link: LinkName): string {
  return `${link.from}>${link.to}`;
}
