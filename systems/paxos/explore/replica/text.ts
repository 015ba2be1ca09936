import { ballotText, type Command, type Message, type ReplicaState, type Slot } from '../../core/index.js';

/** A command in a few words. */
export function commandText(command: Command): string {
  switch (command.kind) {
    case 'noop':
      return 'no-op';
    case 'open-session':
      return 'open session';
    case 'reconfigure':
      return `members of epoch ${command.membership.epoch}`;
    case 'operation': {
      const { op } = command;
      return op.f === 'add' ? `x += ${op.value}` : op.f === 'write' ? `x = ${JSON.stringify(op.value)}` : op.f;
    }
  }
}

/** A message in a line. */
export function messageText(message: Message): string {
  switch (message.type) {
    case 'prepare':
      return `prepare ${ballotText(message.ballot)} from slot ${message.from}`;
    case 'promise':
      return `promise ${ballotText(message.ballot)}, chosen up to ${message.chosenUpTo}, accepted ${message.accepted.map(({ slot, ballot, command }) => slotText(slot, command, ballotText(ballot))).join(', ') || 'nothing'}`;
    case 'nack':
      return `no to ${ballotText(message.ballot)}: promised ${ballotText(message.promised)}`;
    case 'accept':
      return `accept in ${ballotText(message.ballot)}: ${message.commands.map((command, i) => slotText(message.slot + i, command)).join(', ')}; chosen up to ${message.commit}`;
    case 'accepted':
      return `accepted in ${ballotText(message.ballot)}: slots ${message.slots.map(([first, last]) => (first === last ? first : `${first} to ${last}`)).join(', ')}`;
    case 'heartbeat':
      return `heartbeat ${ballotText(message.ballot)}, chosen up to ${message.commit}`;
    case 'fetch':
      return `what is chosen from slot ${message.from} on?`;
    case 'learn':
      return `chosen from slot ${message.from} on: ${message.values.map(({ command }) => commandText(command)).join(', ') || 'nothing more'}`;
    case 'forward':
      return `a client's request, for the leader of ${ballotText(message.ballot)}`;
    case 'forward-reply':
      return `the answer to a request that was passed on: ${message.reply.ok ? 'ok' : message.reply.code}`;
    default:
      return message.type;
  }
}

/** A replica in a line: what it does, has promised, and holds. */
export function replicaSummary({ role, promised, log }: ReplicaState): string {
  const part = role.kind === 'leader' || role.kind === 'candidate' ? `${role.kind} of ${ballotText(role.ballot)}` : role.kind;
  const entries = log.acceptedFrom(log.first).map(({ slot, ballot, command }) => `${slotText(slot, command, ballotText(ballot))}${slot <= log.chosenUpTo ? ' (chosen)' : ''}`);
  return `${part}, promised ${promised.round === 0 ? 'nothing' : ballotText(promised)}, log ${entries.join(', ') || 'empty'}`;
}

function slotText(slot: Slot, command: Command, ballot?: string): string {
  return `${slot}: ${commandText(command)}${ballot === undefined ? '' : ` in ${ballot}`}`;
}
