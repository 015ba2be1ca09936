import type { MessageWords } from '../../../src/index.js';
import { ballotText, type Command, type Message, type Request, type Slot } from '../core/index.js';
import type { Envelope } from './transport.js';

/** What a message between nodes says, for diagrams. */
export function describeMessage(envelope: unknown): MessageWords {
  const { message } = envelope as Envelope<Message>;
  const detail = detailOf(message);
  return { sort: message.type, ...(detail === '' ? {} : { detail }), ...(isRoutine(message) ? { routine: true } : {}) };
}

function isRoutine(message: Message): boolean {
  return message.type === 'heartbeat' || message.type === 'heartbeat-ack';
}

function detailOf(message: Message): string {
  switch (message.type) {
    case 'pre-vote':
      return `attempt ${message.attempt}`;
    case 'pre-vote-reply':
      return message.granted ? 'yes' : 'no';
    case 'prepare':
      return `${ballotText(message.ballot)} from slot ${message.from}`;
    case 'promise':
      return `${ballotText(message.ballot)}${message.accepted.length === 0 ? ', nothing accepted' : `, accepted ${message.accepted.map(({ slot, ballot, command }) => `${slot}: ${commandText(command)} (${ballotText(ballot)})`).join('; ')}`}`;
    case 'nack':
      return `${ballotText(message.ballot)}, promised ${ballotText(message.promised)}`;
    case 'accept':
      return `${ballotText(message.ballot)} slot ${message.slot}: ${message.commands.map(commandText).join(', ')}; commit ${message.commit}`;
    case 'accepted':
      return `${ballotText(message.ballot)} slots ${message.slots.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(', ')}`;
    case 'heartbeat':
      return `${ballotText(message.ballot)}, commit ${message.commit}`;
    case 'heartbeat-ack':
      return ballotText(message.ballot);
    case 'fetch':
      return `from slot ${message.from}`;
    case 'learn':
      return learnText(message.from, message.values.map(({ command }) => command));
    case 'snapshot-part':
      return `up to slot ${message.slot}, part ${message.part + 1} of ${message.of}`;
    case 'fetch-snapshot':
      return `part ${message.part + 1}`;
    case 'forward':
      return requestText(message.request);
    case 'forward-reply':
      return message.reply.ok ? JSON.stringify(message.reply.value) : message.reply.code;
    case 'read-index':
      return message.lease ? 'by lease' : '';
    case 'read-index-reply':
      return message.index === null ? 'not the leader' : `slot ${message.index}`;
    case 'quorum-read':
      return '';
    case 'quorum-read-reply':
      return `slot ${message.last}`;
    case 'hand-over':
      return `to node ${message.to}`;
  }
}

function learnText(from: Slot, commands: readonly Command[]): string {
  return commands.length === 0 ? 'nothing more' : `slot ${from}: ${commands.map(commandText).join(', ')}`;
}

function requestText(request: Request): string {
  return request.kind === 'operation' ? operationText(request.op) : request.kind;
}

function commandText(command: Command): string {
  switch (command.kind) {
    case 'noop':
      return 'no-op';
    case 'open-session':
      return 'open session';
    case 'reconfigure':
      return `members ${command.membership.voters.map(({ id }) => id).join(',')}`;
    case 'operation':
      return operationText(command.op);
  }
}

function operationText(op: Extract<Request, { kind: 'operation' }>['op']): string {
  switch (op.f) {
    case 'read':
      return `read ${op.key}`;
    case 'cas':
      return `cas ${op.key} ${JSON.stringify(op.from)} -> ${JSON.stringify(op.to)}`;
    case 'write':
    case 'append':
    case 'add':
      return `${op.f} ${op.key} ${JSON.stringify(op.value)}`;
  }
}
