import { createReplica, step, type CoreConfig, type Effect, type Event, type ReplicaState, type WalRecord } from '../../core/index.js';

/** What a node does between two waits for its disk. */
export interface Stage {
  /** Messages and replies: out before the records are durable. */
  readonly said: readonly Extract<Effect, { kind: 'send' | 'reply' }>[];
  /** Empty in the last stage. */
  readonly records: readonly WalRecord[];
}

/** An event as a node takes it in: what stands for an election has to be made when it comes. */
export type Input = Exclude<Event, { kind: 'tick' | 'flush' | 'persisted' | 'snapshot-saved' }> | { readonly kind: 'stand' };

/**
 * Carries out an event to the end: flush, write, acknowledgement of the write, and again until there is nothing to write. So no other event comes to a node while it writes; a crash may.
 */
export function takeTurn(state: ReplicaState, input: Input): readonly Stage[] {
  const stages: Stage[] = [];
  let effects = [...step(state, eventOf(state, input)), ...step(state, { kind: 'flush', now: 0 })];
  for (;;) {
    const writes = effects.filter((effect) => effect.kind === 'persist');
    stages.push({ said: effects.filter((effect) => effect.kind === 'send' || effect.kind === 'reply'), records: writes.flatMap(({ records }) => records) });
    const last = writes.at(-1);
    if (last === undefined) return stages;
    effects = [...step(state, { kind: 'persisted', now: 0, upTo: last.lsn }), ...step(state, { kind: 'flush', now: 0 })];
  }
}

/** The replica that a start from the records and these turns make. */
export function rebuild(config: CoreConfig, records: readonly WalRecord[], inputs: readonly Input[]): ReplicaState {
  const state = createReplica(config, { records }, 0);
  for (const input of inputs) takeTurn(state, input);
  return state;
}

/**
 * The core stands for election when a leader hands over to it, without waiting for a time-out and without asking whether an election makes sense; the real way (pre-vote) ends in the
 * same place, and changes nothing that lasts on the way.
 */
function eventOf(state: ReplicaState, input: Input): Event {
  if (input.kind !== 'stand') return input;
  const { promised, config } = state;
  return { kind: 'message', now: 0, from: (config.self % config.nodes.length) + 1, message: { type: 'hand-over', ballot: promised, to: config.self, sentAt: 0 } };
}
