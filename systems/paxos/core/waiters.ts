/** Requests without reply: every one is settled exactly once, by its result, by a refusal, or by being lost sight of. */
import { hasBug, type Origin, type ReplicaState, type Waiter } from './state.js';
import type { Reply, ReplyErrorCode, Request } from './types.js';

/** How long a request waits for a leader to be known, as a part of the election timeout. */
const HOLD_PART = 0.5;

/** Takes a request in, or answers it `overloaded`. */
export function admit(state: ReplicaState, origin: Origin, request: Request): Waiter | undefined {
  if (state.waiters.size >= state.config.maxInFlight) {
    state.counters.refused++;
    const limit = `node ${state.config.self} has ${state.config.maxInFlight} requests in flight`;
    answer(state, origin, failure('overloaded', limit, true));
    return undefined;
  }
  const waiter: Waiter = {
    origin,
    request,
    via: (request.kind === 'operation' ? request.via : undefined) ?? state.config.reads,
    holdUntil: state.now + state.config.electionTimeoutMs * HOLD_PART,
    deadline: state.now + state.config.requestTimeoutMs,
    exposed: false,
    settled: false,
  };
  state.waiters.add(waiter);
  return waiter;
}

/** Gives the waiter its reply; without effect if it has one. */
export function settle(state: ReplicaState, waiter: Waiter, reply: Reply): void {
  if (waiter.settled) return;
  waiter.settled = true;
  state.waiters.delete(waiter);
  answer(state, waiter.origin, reply);
}

/** Refuses a request that never was proposed. */
export function refuse(state: ReplicaState, waiter: Waiter): void {
  if (waiter.settled) return;
  state.counters.refused++;
  const { leader } = state;
  const reply = failure('not-leader', leader === undefined ? 'no leader is known' : `node ${leader} may lead`, true);
  settle(state, waiter, leader === undefined ? reply : { ...reply, leader });
}

/** Answers a request whose proposal this node has lost sight of. */
export function loseSight(state: ReplicaState, waiter: Waiter, why: string): void {
  if (waiter.settled) return;
  state.counters.unknownReplies++;
  settle(state, waiter, failure('unknown', why, isRead(waiter.request)));
}

/** Answers a request that was proposed here or given to the leader, when the leader stops leading. */
export function answerDeposed(state: ReplicaState, waiter: Waiter, why: string): void {
  if (hasBug(state, 'preempted-means-failed')) refuse(state, waiter);
  else loseSight(state, waiter, why);
}

/** Lets a request that never was proposed wait for a leader; one that was forwarded here goes back to where it came from. */
export function hold(state: ReplicaState, waiter: Waiter): void {
  if (waiter.settled) return;
  if (waiter.origin.kind === 'peer' || state.now >= waiter.holdUntil) refuse(state, waiter);
  else state.held.push(waiter);
}

/** Answers what has waited too long. Cost: the number of requests that are answered, and of those that are held. */
export function expireWaiters(state: ReplicaState): void {
  if (state.held.some((waiter) => waiter.settled || state.now >= waiter.holdUntil)) {
    const held = state.held;
    state.held = [];
    for (const waiter of held) hold(state, waiter);
  }
  if (state.role.kind === 'leader' && hasBug(state, 'never-steps-down')) return;
  for (const waiter of state.waiters) {
    if (state.now < waiter.deadline) break;
    if (waiter.request.kind === 'reconfigure' && !waiter.exposed) settle(state, waiter, failure('unavailable', 'the nodes to be added are not brought up yet: ask again', true));
    else if (waiter.exposed) loseSight(state, waiter, `no result within ${state.config.requestTimeoutMs} ms`);
    else refuse(state, waiter);
  }
}

/** Whether the request certainly changes nothing. */
export function isRead(request: Request): boolean {
  return request.kind === 'operation' && request.op.f === 'read';
}

/** A negative reply. */
export function failure(code: ReplyErrorCode, message: string, definite: boolean): Extract<Reply, { ok: false }> {
  return { ok: false, code, message, definite };
}

function answer(state: ReplicaState, origin: Origin, reply: Reply): void {
  if (origin.kind === 'client') state.out.reply(origin.requestId, reply);
  else state.out.send(origin.node, { type: 'forward-reply', id: origin.id, epoch: origin.epoch, reply });
}
