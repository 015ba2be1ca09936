import { describe, expect, it } from 'vitest';
import { realClock, wallClock } from '../time/clock.js';
import { ClockNotes, offsetMs, type ClocksNote } from './clock-notes.js';
import { Monitor, type LeaderNote } from './monitor.js';
import type { Run } from './run-context.js';
import type { NodeStatus } from './system.js';

/** A run of which only the nodes' names, their statuses and the time matter. */
function runOf(statusOf: (node: string) => NodeStatus | undefined, nowNs: () => number): Run {
  const nodes = ['n1', 'n2'].map((name) => ({ name }));
  return { cluster: { nodes }, clock: { ...realClock(), now: nowNs }, system: { status: async ({ name }: { readonly name: string }) => statusOf(name) } } as unknown as Run;
}

describe('the monitor', () => {
  it('notes clocks that it is asked to watch: at first, when one moves or is lost, and once a second', async () => {
    const moved: Record<string, number | undefined> = { n1: 0, n2: 0 };
    let ms = 0;
    const notes: ClocksNote[] = [];
    const run = runOf((name) => (moved[name] === undefined ? undefined : { wallMs: wallClock().getTime() + moved[name] }), () => ms * 1e6);
    const monitor = new Monitor(run, { leader: () => undefined, clocks: (note) => notes.push(note) });
    const poll = async (): Promise<number> => {
      ms += 200;
      await monitor.poll();
      return notes.length;
    };
    expect(await poll()).toBe(1);
    expect(await poll()).toBe(1);
    moved['n2'] = -60_000;
    expect(await poll()).toBe(2);
    expect(notes[1]?.['n2']).toBeCloseTo(-60_000, -2);
    expect(Object.keys(notes[1] ?? {})).toEqual(['n1', 'n2']);
    moved['n1'] = undefined;
    expect(await poll()).toBe(3);
    expect(notes[2]).not.toHaveProperty('n1');
    ms += 1000;
    expect(await poll()).toBe(4);
  });

  it('notes leaders and no clocks if it is not asked to', async () => {
    const leaders: LeaderNote[] = [];
    const monitor = new Monitor(runOf(() => ({ leader: 'n2', term: '1.2', wallMs: 5 }), () => 0), { leader: (note) => leaders.push(note) });
    await monitor.poll();
    await monitor.poll();
    expect(leaders).toEqual([{ node: 'n2', term: '1.2' }]);
  });

  it('works with systems whose status has no clock', async () => {
    const notes: ClocksNote[] = [];
    const monitor = new Monitor(runOf(() => ({ role: 'follower' }), () => 0), { leader: () => undefined, clocks: (note) => notes.push(note) });
    await monitor.poll();
    expect(notes).toEqual([]);
  });
});

describe('ClockNotes', () => {
  it('takes no notice of changes that slow answers explain, however they add up between notes', () => {
    const notes = new ClockNotes();
    expect(notes.due({ n1: 0 }, 0)).toBe(true);
    expect(notes.due({ n1: 4 }, 1e8)).toBe(false);
    expect(notes.due({ n1: 5.1 }, 2e8)).toBe(true);
    expect(notes.due({ n1: 5.1 }, 11e8)).toBe(false);
    expect(notes.due({ n1: 5.1 }, 12e8)).toBe(true);
  });

  it('says nothing while no node has ever answered', () => {
    const notes = new ClockNotes();
    expect(notes.due({}, 0)).toBe(false);
    expect(notes.due({ n1: 0 }, 1)).toBe(true);
    expect(notes.due({}, 2)).toBe(true);
  });
});

describe('offsetMs', () => {
  it('takes the middle of the question, to a tenth', () => {
    expect(offsetMs(1500, 1000, 1001)).toBe(499.5);
    expect(offsetMs(1000, 1000, 1010)).toBe(-5);
  });
});
