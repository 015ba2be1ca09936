import type { TracedState } from '../../history/trace.js';
import type { Window } from './window.js';

/** A stretch in which neither the process nor the role of a node changes, nanoseconds. */
export interface Life {
  readonly node: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** `running`, `paused`, `stopped`. */
  readonly process: string;
  /** In the system's words; empty: not told. */
  readonly role: string;
  /** What became different at `fromNs`, in words; empty: nothing, it was so when the window begins. */
  readonly news: string;
}

/** What a node lived through in a window, in order, without gaps. `states`: those of the run in order of time. */
export function livesOf(states: readonly TracedState[], node: string, { fromNs, toNs }: Window): readonly Life[] {
  const own = states.filter((state) => state.node === node && state.atNs <= toNs);
  const isBefore = ({ atNs }: TracedState): boolean => atNs < fromNs;
  const last = (aspect: TracedState['aspect']): string | undefined => own.filter(isBefore).findLast((state) => state.aspect === aspect)?.value;
  const lives: Life[] = [{ node, fromNs, toNs, process: last('process') ?? 'running', role: last('role') ?? '', news: '' }];
  for (const { aspect, value, atNs } of own) {
    const now = lives.at(-1);
    if (atNs < fromNs || now === undefined || now[aspect] === value) continue;
    const news = now.role === '' && aspect === 'role' && now.news === '' && atNs === fromNs ? '' : value;
    const next = { ...now, [aspect]: value, fromNs: atNs, news: atNs === now.fromNs && now.news !== '' ? `${now.news}, ${news}` : news };
    if (atNs > now.fromNs) lives[lives.length - 1] = { ...now, toNs: atNs };
    else lives.pop();
    lives.push(next);
  }
  return lives;
}
