import { expect, it } from 'vitest';
import type { LinkName, LinkProbe } from '../control/links.js';
import { realClock } from '../time/clock.js';
import { unhealthyLinks } from './link-health.js';
import type { Run } from './run-context.js';

const LINKS: readonly LinkName[] = [{ from: 'n1', to: 'n2' }, { from: 'n2', to: 'n1' }];

/** A run whose links carry by what this says of each, at each look. */
function run(received: (link: LinkName, look: number) => number): Run {
  let look = 0;
  const probe = async (): Promise<readonly LinkProbe[]> => {
    look += 1;
    return LINKS.map((link) => ({ ...link, sent: 20, received: received(link, look), duplicates: 0, reordered: 0, meanMs: 1, maxMs: 1 }));
  };
  return { clock: realClock(), cluster: { net: { probe } } } as unknown as Run;
}

it('waits until every link carries', async () => {
  let looks = 0;
  const healing = run(({ from }, look) => ((looks = look) < 3 && from === 'n2' ? 0 : 1));
  expect([await unhealthyLinks(healing, new AbortController().signal), looks]).toEqual([undefined, 3]);
});

it('names the links that carry nothing, and says why none could be probed', async () => {
  const signal = AbortSignal.timeout(300);
  expect(await unhealthyLinks(run(({ from }) => (from === 'n2' ? 0 : 20)), signal)).toBe('nothing arrives on n2 -> n1');
  const broken = { ...run(() => 1), cluster: { net: { probe: () => Promise.reject(new Error('no agent')) } } } as unknown as Run;
  expect(await unhealthyLinks(broken, new AbortController().signal)).toBe('the links could not be probed: no agent');
});
