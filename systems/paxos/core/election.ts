/** Pre-vote, phase 1, and its retries (paxos.md 1.2, 1.3). */
import { compareBallots, epochOf, nextRound, sameBallot } from './ballot.js';
import { promise } from './acceptor.js';
import { isAhead, isVoter, learnOfEpoch, noteRound } from './epochs.js';
import { becomeLeader } from './leader.js';
import { catchUp } from './learner.js';
import { withheldFor } from './lease.js';
import type { AcceptedSlot, Nack, PreVote, PreVoteReply, PromiseMessage } from './messages.js';
import { restartElectionTimer, scheduleRetry, stepDown } from './roles.js';
import { ensure, hasBug, type Candidate, type ReplicaState } from './state.js';
import type { Command, NodeId, Slot } from './types.js';

/** A prepare without answer is sent again after this many heartbeat intervals. */
const PREPARE_RETRY_HEARTBEATS = 2;

/** Starts an attempt to lead when the election timeout has passed. */
export function checkElectionTimer(state: ReplicaState): void {
  if (!isVoter(state)) return;
  if (state.succeedsItself) {
    state.succeedsItself = false;
    if (state.role.kind === 'follower') return campaign(state);
  }
  if (!state.config.stableLeader) return proposeForOwn(state);
  if (state.role.kind === 'leader' || state.now < state.electionDeadline) return;
  if (state.role.kind === 'candidate') state.failedAttempts++;
  state.leader = undefined;
  restartElectionTimer(state);
  if (hasBug(state, 'no-backoff') || hasBug(state, 'prepare-disrupts') || hasBug(state, 'no-pre-vote')) campaign(state);
  else askForVotes(state);
}

/** Without a stable leader: stands for election for the sake of the requests that wait here, after a random pause that doubles with every failure. */
function proposeForOwn(state: ReplicaState): void {
  const { role, config, failedAttempts } = state;
  if (role.kind === 'leader' || state.held.length === 0) {
    state.proposeAt = Infinity;
    return;
  }
  if (role.kind === 'candidate' && state.now < state.electionDeadline) return;
  if (role.kind === 'candidate') state.failedAttempts++;
  const ceiling = hasBug(state, 'no-backoff') ? 0 : Math.min(config.electionTimeoutMs, config.heartbeatMs * 2 ** Math.min(failedAttempts, 20));
  if (state.proposeAt === Infinity) state.proposeAt = state.now + state.random.between(0, ceiling);
  if (state.now < state.proposeAt) return;
  state.proposeAt = Infinity;
  restartElectionTimer(state);
  campaign(state);
}

/** Repeats what a candidate has not got an answer to. */
export function tickCandidate(state: ReplicaState, candidate: Candidate): void {
  const patience = PREPARE_RETRY_HEARTBEATS * state.config.heartbeatMs;
  if (!candidate.prepared || state.now - candidate.preparedAt < patience) return;
  sendPrepare(state, candidate);
  finishPhaseOne(state);
}

/** Whether an election makes sense as far as this node can tell: it leads itself, or has heard a leader lately, or not. */
export function onPreVote(state: ReplicaState, from: NodeId, { attempt, epoch = 0 }: PreVote): void {
  const outdated = epoch < state.membership.epoch;
  if (epoch > state.membership.epoch) learnOfEpoch(state, from, state.log.chosenUpTo + 1);
  const quiet = state.now - state.lastContact >= state.config.electionTimeoutMs;
  const withheld = withheldFor(state, from) > 0;
  if (quiet && withheld) state.counters.leasesRespected++;
  const granted = state.role.kind !== 'leader' && quiet && !withheld && !outdated;
  state.out.send(from, { type: 'pre-vote-reply', attempt, granted, promised: state.promised, ...(outdated ? { ahead: state.log.chosenUpTo } : {}) });
}

/** Counts the nodes that miss a leader as well; with enough for phase 1 the real election starts. */
export function onPreVoteReply(state: ReplicaState, from: NodeId, message: PreVoteReply): void {
  noteRound(state, message.promised);
  if (message.ahead !== undefined && message.ahead > state.log.chosenUpTo) learnOfEpoch(state, from, message.ahead);
  const { role } = state;
  if (role.kind !== 'pre-candidate' || role.attempt !== message.attempt || !message.granted || !state.bits.has(from)) return;
  role.granted.add(from);
  if (role.granted.size >= votesNeeded(state)) campaign(state);
}

/** Keeps a promise for this candidate's ballot, and ends phase 1 when there are enough. */
export function onPromise(state: ReplicaState, from: NodeId, message: PromiseMessage): void {
  const { role } = state;
  if (role.kind !== 'candidate' || !sameBallot(role.ballot, message.ballot) || !state.bits.has(from)) return;
  role.promises.set(from, message);
  finishPhaseOne(state);
}

/** Gives way to a higher ballot, and backs off for a random time that doubles with every failure. */
export function onNack(state: ReplicaState, from: NodeId, message: Nack): void {
  const { role } = state;
  noteRound(state, message.promised);
  isAhead(state, from, message.promised, state.log.chosenUpTo + 1);
  if (role.kind !== 'leader' && role.kind !== 'candidate') return;
  if (!sameBallot(role.ballot, message.ballot)) return;
  // Somebody holds a lease for a moment: the prepare is repeated until then.
  if (message.leaseMs !== undefined) return;
  state.counters.preemptions++;
  stepDown(state);
  if (role.kind === 'candidate') {
    state.failedAttempts++;
    const { heartbeatMs, electionTimeoutMs } = state.config;
    const ceiling = Math.min(2 * electionTimeoutMs, heartbeatMs * 2 ** Math.min(state.failedAttempts, 20));
    state.electionDeadline = state.now + state.random.between(0, ceiling);
  }
  scheduleRetry(state);
}

/** Ends phase 1 if enough promises are here and everything that they know to be chosen is known here too. */
export function finishPhaseOne(state: ReplicaState): void {
  const candidate = state.role;
  if (candidate.kind !== 'candidate' || !candidate.prepared) return;
  if (candidate.promises.size + 1 < votesNeeded(state)) return;
  const { log } = state;
  for (const [node, { chosenUpTo }] of candidate.promises) {
    if (chosenUpTo > log.chosenUpTo) return catchUp(state, node, chosenUpTo);
  }
  ensure(state, sameBallot(state.promised, candidate.ballot), 'a candidate must hold its own promise');
  const from = log.chosenUpTo + 1;
  becomeLeader(state, candidate.ballot, from, chooseValues(state, candidate, from));
}

/** Nodes, the candidate among them, that end phase 1. */
function votesNeeded({ q1, bits, config }: ReplicaState): number {
  return config.bugs.has('read-quorum-short') ? Math.max(1, Math.floor(bits.size / 2)) : q1;
}

function askForVotes(state: ReplicaState): void {
  const attempt = state.nextId++;
  const { epoch } = state.membership;
  state.counters.preVotes++;
  state.role = { kind: 'pre-candidate', attempt, granted: new Set([state.config.self]) };
  for (const peer of state.peers) state.out.send(peer, { type: 'pre-vote', attempt, ...(epoch === 0 ? {} : { epoch }) });
  if (state.q1 === 1) campaign(state);
}

/**
 * Phase 1 with a ballot that was never used: its round is above every round seen, and the own promise to it is durable
 * before anybody hears of it.
 */
export function campaign(state: ReplicaState): void {
  if (!isVoter(state)) return;
  if (state.role.kind === 'candidate') stepDown(state);
  const withheldMs = withheldFor(state, state.config.self);
  if (withheldMs > 0) {
    state.counters.leasesRespected++;
    state.electionDeadline = Math.min(state.electionDeadline, state.now + withheldMs);
    return;
  }
  const { oldestWriteSince } = state.out;
  if (oldestWriteSince !== undefined && state.now - oldestWriteSince > state.config.electionTimeoutMs) return;
  const above = hasBug(state, 'ballot-reuse-after-restart') ? state.highestRound : Math.max(state.highestRound, state.promised.round);
  const ballot = { round: nextRound(state.membership.epoch, above), node: state.config.self };
  ensure(state, epochOf(ballot) === state.membership.epoch, 'a candidate must know the epoch that it stands for');
  state.highestRound = ballot.round;
  state.counters.elections++;
  const candidate: Candidate = {
    kind: 'candidate',
    ballot,
    prepared: false,
    preparedAt: state.now,
    from: state.log.chosenUpTo + 1,
    promises: new Map(),
  };
  state.role = candidate;
  restartElectionTimer(state);
  state.out.whenDurable(promise(state, ballot), () => {
    if (state.role !== candidate) return;
    candidate.prepared = true;
    sendPrepare(state, candidate);
    finishPhaseOne(state);
  });
}

function sendPrepare(state: ReplicaState, candidate: Candidate): void {
  candidate.preparedAt = state.now;
  for (const peer of state.peers) {
    if (!candidate.promises.has(peer)) {
      state.out.send(peer, { type: 'prepare', ballot: candidate.ballot, from: candidate.from });
    }
  }
}

/**
 * The values to propose from slot `from` on: of what the promises and this node report for a slot, the one that was
 * accepted in the highest ballot; undefined where nobody reports anything.
 */
function chooseValues(state: ReplicaState, candidate: Candidate, from: Slot): readonly (Command | undefined)[] {
  if (hasBug(state, 'own-value-after-prepare')) return [];
  const best: (AcceptedSlot | undefined)[] = [];
  // What an earlier epoch has left after its end was never chosen.
  const { epoch } = state.membership;
  const reports = [...candidate.promises.values()].flatMap(({ accepted }) => accepted).filter(({ ballot }) => epochOf(ballot) >= epoch);
  const heeded = hasBug(state, 'phase1-from-own-tail') ? reports.filter(({ slot }) => slot > state.log.last) : reports;
  const better = hasBug(state, 'lowest-ballot-wins') ? -1 : 1;
  for (const accepted of [...state.log.acceptedFrom(from).filter(({ ballot }) => epochOf(ballot) >= epoch), ...heeded]) {
    const index = accepted.slot - from;
    if (index < 0) continue;
    while (best.length <= index) best.push(undefined);
    const rival = best[index];
    if (rival === undefined || compareBallots(accepted.ballot, rival.ballot) * better > 0) best[index] = accepted;
  }
  return best.map((accepted) => accepted?.command);
}
