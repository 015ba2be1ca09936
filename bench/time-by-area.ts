import { Session, type Profiler } from 'node:inspector/promises';

/** Where code lies, and what it is called in a table: the first that the address of a file contains. */
export type Areas = readonly (readonly [fragment: string, name: string])[];

/** How often the profiler looks, microseconds. */
const INTERVAL_US = 250;

/**
 * The shares of the processor's time that code of each area takes while something runs, largest first. What belongs to nobody (Node, a library) counts for the area that called it; the garbage
 * collector is an area of its own. By samples, so that nothing is measured that would cost more by being measured.
 */
export async function timeByArea(areas: Areas, run: () => Promise<void>): Promise<readonly (readonly [area: string, share: number])[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  await run();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return sharesOf(profile, areas);
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, areas: Areas): readonly (readonly [string, number])[] {
  const byNode = areaByNode(nodes, areas);
  const times = new Map<string, number>();
  samples.forEach((node, i) => {
    const area = byNode.get(node) ?? IDLE;
    if (area !== IDLE) times.set(area, (times.get(area) ?? 0) + (timeDeltas[i] ?? 0));
  });
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([area, time]) => [area, time / total] as const).sort(([, a], [, b]) => b - a);
}

const IDLE = 'idle';

/** Parents come before their children in a profile. */
function areaByNode(nodes: readonly Profiler.ProfileNode[], areas: Areas): ReadonlyMap<number, string> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const found = new Map<number, string>();
  for (const { id, callFrame: { url, functionName } } of nodes) {
    const own = functionName === '(idle)' ? IDLE : functionName === '(garbage collector)' ? 'garbage collector' : areas.find(([fragment]) => url.includes(fragment))?.[1];
    found.set(id, own ?? found.get(parents.get(id) ?? -1) ?? 'event loop of Node');
  }
  return found;
}
