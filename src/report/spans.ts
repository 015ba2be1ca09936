import type { Op } from '../history/op.js';
import { faultNote, faultWords, leaderNote, nemesisOf, type FaultNote } from './notes.js';

/** A stretch of a run, in nanoseconds of it. What never ended ends with the history. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** In words. */
  readonly label: string;
}

/** A fault in force, from the completion of its start to that of its stop. */
export interface FaultSpan extends Span {
  readonly nemesis: string;
  readonly note: FaultNote;
  readonly ended: boolean;
}

/** What the history says besides the clients' operations. */
export interface Spans {
  readonly faults: readonly FaultSpan[];
  readonly leaders: readonly Span[];
  readonly phases: readonly Span[];
  /** Time of the last event, nanoseconds. */
  readonly end: number;
}

/** Reads the faults, leaders and phases out of a history. */
export function spansOf(ops: readonly Op[]): Spans {
  const end = ops.at(-1)?.time ?? 0;
  const faults: FaultSpan[] = [];
  const open = new Map<string, FaultSpan>();
  const leaders: Span[] = [];
  const phases: Span[] = [];
  for (const op of ops) {
    if (typeof op.process === 'number') continue;
    const nemesis = nemesisOf(op);
    const leader = leaderNote(op);
    if (leader !== undefined) follow(leaders, { from: op.time, to: end, label: `${leader.node} (term ${leader.term})` });
    else if (op.process === 'runner' && op.f === 'phase' && typeof op.value === 'string') follow(phases, { from: op.time, to: end, label: op.value });
    else if (nemesis !== undefined && op.type !== 'invoke' && op.error === undefined) step(nemesis, op, open, faults, end);
  }
  faults.push(...open.values());
  return { faults: faults.sort((a, b) => a.from - b.from), leaders, phases, end };
}

/** A state lasts until the next one begins. */
function follow(states: Span[], next: Span): void {
  const last = states.at(-1);
  if (last !== undefined) states[states.length - 1] = { ...last, to: next.from };
  states.push(next);
}

function step(nemesis: string, op: Op, open: Map<string, FaultSpan>, faults: FaultSpan[], end: number): void {
  const begun = open.get(nemesis);
  if (op.f === 'start') {
    const note = faultNote(op.value);
    if (note === undefined) return;
    if (begun !== undefined) faults.push({ ...begun, to: op.time });
    open.set(nemesis, { nemesis, note, from: op.time, to: end, label: faultWords(nemesis, note), ended: false });
  } else {
    open.delete(nemesis);
    const { effect, healed } = faultNote(op.value) ?? {};
    // Healing tries again to end what was not seen to be gone.
    const last = faults.findLastIndex((fault) => fault.nemesis === nemesis);
    const again = begun === undefined && healed !== undefined && faults[last]?.note.healed?.observed === false ? faults.splice(last, 1)[0] : begun;
    if (again !== undefined) faults.push({ ...again, to: op.time, ended: true, note: { ...again.note, effect: effect ?? again.note.effect, healed: healed ?? again.note.healed } });
  }
}

/** What a node suffers while a fault is in force, from worst to mildest. */
export const NODE_STATES = ['killed', 'paused', 'cut off', 'partly cut', 'disturbed'] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** What a fault does to one of the cluster's nodes, if anything. A node that hears less than a majority (itself included) is cut off. */
export function stateUnder({ nemesis, note }: Pick<FaultSpan, 'nemesis' | 'note'>, node: string, nodes: readonly string[]): NodeState | undefined {
  if (note.grudge !== undefined) {
    const unheard = note.grudge[node]?.filter((sender) => sender !== node).length ?? 0;
    if ((nodes.length - unheard) * 2 <= nodes.length) return 'cut off';
    return unheard > 0 || Object.values(note.grudge).some((senders) => senders.includes(node)) ? 'partly cut' : undefined;
  }
  if (note.killed !== undefined) return note.killed.includes(node) ? 'killed' : undefined;
  if (note.targets?.includes(node) !== true) return undefined;
  return nemesis === 'kill' ? 'killed' : nemesis === 'pause' ? 'paused' : nemesis === 'partition' ? 'partly cut' : 'disturbed';
}
