/**
 * The built-in nemeses. How they get along when several are at work:
 *
 * - Each has a thread, a schedule and a pace of its own, and one fault in force at a time; faults of different nemeses overlap.
 * - On links, faults of different owners add up: a link is cut while any owner cuts it, delays are summed. Each nemesis removes its own.
 * - `kill` starts only what it killed, `pause` lets go only what it paused. A paused node can be killed; it is started by `kill`, and
 *   `pause` finds nobody to let go. A node that is down when `pause` comes, or down or paused by others in what follows, is said to be
 *   so in the evidence, and a fault that found nothing to bite has `effect.observed: false`.
 * - A node that `kill`, `terminate`, `memory`, `power` or `disk` brings down is in its hands from before that until it answers again
 *   (shared/lease.ts): none of the others touches it, so nobody starts a program on files that are being damaged or taken back. A node in other
 *   hands is said to be so in the evidence. `slow-fsync` ends no program, and leaves its node to everyone.
 * - `members` has a node in its hands from before it is taken out until it is a member again; its program goes on meanwhile, and can be paused and cut off.
 * - A restarted node may be cut off: `System.ready` must not need a quorum.
 * - `healed.observed: false` means that the end of a fault could not be seen in time, with the reason; nothing of the fault is in force
 *   any more, unless the evidence says that a node could not be started or does not go on. Those are tried again by the next stop and by heal.
 */
export { clockNemesis } from './clock/index.js';
export { diskNemesis } from './disk/index.js';
export { killNemesis } from './kill/index.js';
export { membersNemesis } from './members/index.js';
export { memoryNemesis } from './memory/index.js';
export { packetNemesis } from './packet/index.js';
export { partitionNemesis } from './partition/index.js';
export { pauseNemesis } from './pause/index.js';
export { powerNemesis } from './power/index.js';
export { slowNemesis } from './slow/index.js';
export { terminateNemesis } from './terminate/index.js';
export { transferNemesis } from './transfer/index.js';
