/** The way of a request: carried out here, passed on to the leader once, or held until a leader is known. */
import { compareBallots, sameBallot } from './ballot.js';
import { isVoter } from './epochs.js';
import { submit } from './leader.js';
import type { Forward, ForwardReply } from './messages.js';
import { pollAcceptors } from './quorum-reads.js';
import { askForIndex, serveRead } from './reads.js';
import { hasBug, type ReplicaState, type Waiter } from './state.js';
import type { NodeId, Request } from './types.js';
import { beginTransfer } from './transfer.js';
import { admit, failure, hold, isRead, loseSight, refuse, settle } from './waiters.js';

/** A request of a client that is connected to this node. */
export function onRequest(state: ReplicaState, requestId: number, request: Request): void {
  const waiter = admit(state, { kind: 'client', requestId }, request);
  if (waiter === undefined) return;
  if (!isVoter(state)) return refuseAsStranger(state, waiter);
  if (isRead(request) && (waiter.via === 'stale' || hasBug(state, 'local-read'))) {
    return readHere(state, waiter);
  }
  if (request.kind === 'transfer') return beginTransfer(state, waiter, request.to);
  route(state, waiter);
}

/**
 * A request that another node passed to this one as the leader of a ballot; it is never passed on again. A copy that the network made must not be carried out as well, nor carried out
 * after this node refused the first, nor be refused after the first was carried out: so each counts once in the life of this node, and in no other ballot. Of a ballot that an earlier life
 * may have led in, nobody can say what became of it.
 */
export function onForward(state: ReplicaState, from: NodeId, { id, epoch, ballot, request }: Forward): void {
  const { role } = state;
  const leads = role.kind === 'leader' && sameBallot(role.ballot, ballot);
  if (!state.forwardsSeen.add(`${from}/${epoch}`, id)) return;
  const waiter = admit(state, { kind: 'peer', node: from, id, epoch }, request);
  if (waiter === undefined) return;
  if (leads) submit(state, role, waiter);
  else if (ballot.node === state.config.self && compareBallots(ballot, state.promisedBefore) <= 0) loseSight(state, waiter, 'this node has started anew since it led in that ballot');
  else refuse(state, waiter);
}

/** The leader's reply to a request of a client of this node. */
export function onForwardReply(state: ReplicaState, { id, epoch, reply }: ForwardReply): void {
  const forwarded = state.forwarded.get(id);
  if (epoch !== state.epoch || forwarded === undefined) return;
  state.forwarded.delete(id);
  const { waiter, ballot } = forwarded;
  if (reply.ok || reply.code !== 'not-leader' || hasBug(state, 'preempted-means-failed')) {
    settle(state, waiter, reply);
    return;
  }
  waiter.exposed = false;
  if (sameBallot(state.leaderBallot, ballot)) state.leader = undefined;
  hold(state, waiter);
}

/** Sends held requests on their way when a leader is known, and asks it, or the acceptors, about reads. */
export function flushRequests(state: ReplicaState): void {
  const { leader } = state;
  pollAcceptors(state);
  const known = state.config.stableLeader && leader !== undefined;
  if (state.held.length > 0 && (known || state.role.kind === 'leader')) {
    const held = state.held;
    state.held = [];
    for (const waiter of held) if (!waiter.settled) route(state, waiter);
  }
  if (state.readsToAsk.length === 0) return;
  if (leader !== undefined && leader !== state.config.self) return askForIndex(state, leader);
  const waiters = state.readsToAsk;
  state.readsToAsk = [];
  for (const waiter of waiters) hold(state, waiter);
}

/** This node is none of the members, so that it knows neither what holds now nor who leads. */
function refuseAsStranger(state: ReplicaState, waiter: Waiter): void {
  const { epoch, voters } = state.membership;
  state.counters.notMember++;
  settle(state, waiter, failure('not-member', `node ${state.config.self} is no member; as far as it knows (epoch ${epoch}) the members are ${voters.map(({ id }) => id).join(', ')}`, true));
}

/** A stale read: from what this node has, as soon as that is what the client has seen already. */
function readHere(state: ReplicaState, waiter: Waiter): void {
  const { request } = waiter;
  const after = request.kind === 'operation' && !hasBug(state, 'local-read') ? (request.after ?? 0) : 0;
  state.counters.staleReads++;
  if (after <= state.applied) serveRead(state, waiter);
  else state.readsToApply.push({ index: after, waiters: [waiter], patience: undefined });
}

function route(state: ReplicaState, waiter: Waiter): void {
  if (!isVoter(state)) return refuseAsStranger(state, waiter);
  const { role, leader } = state;
  if (isRead(waiter.request) && waiter.via === 'quorum' && !hasBug(state, 'leader-read-unchecked')) {
    state.readsToPoll.push(waiter);
    return;
  }
  if (role.kind === 'leader') return submit(state, role, waiter);
  if (!state.config.stableLeader || leader === undefined || leader === state.config.self) return hold(state, waiter);
  if (isReadByIndex(state, waiter)) {
    state.readsToAsk.push(waiter);
    return;
  }
  const id = state.nextId++;
  waiter.exposed = true;
  state.counters.forwarded++;
  state.forwarded.set(id, { waiter, ballot: state.leaderBallot });
  const { epoch, leaderBallot: ballot } = state;
  state.out.send(leader, { type: 'forward', id, epoch, ballot, request: explicit(waiter) });
}

/** The request as it is to be carried out elsewhere: how a read is served is this node's matter. */
function explicit({ request, via }: Waiter): Request {
  return request.kind === 'operation' && request.op.f === 'read' ? { ...request, via } : request;
}

function isReadByIndex(state: ReplicaState, { request, via }: Waiter): boolean {
  return isRead(request) && via !== 'log' && !hasBug(state, 'leader-read-unchecked');
}
