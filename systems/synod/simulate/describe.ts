import type { MessageWords } from '../../../src/index.js';
import { ballotText } from '../../paxos/core/index.js';
import type { Envelope } from '../../paxos/simulate/transport.js';
import type { SynodMessage, Vote } from '../core/index.js';

/** What a message between nodes says, for diagrams. */
export function describeMessage(envelope: unknown): MessageWords {
  const { message } = envelope as Envelope<SynodMessage>;
  return { sort: message.type, detail: `${message.key}: ${detailOf(message)}` };
}

function detailOf(message: SynodMessage): string {
  switch (message.type) {
    case 'prepare':
    case 'accepted':
      return ballotText(message.ballot);
    case 'promise':
      return `${ballotText(message.ballot)}, ${message.accepted === undefined ? 'nothing accepted' : `accepted ${voteText(message.accepted)}`}`;
    case 'accept':
      return voteText(message);
    case 'nack':
      return `${ballotText(message.ballot)}, promised ${ballotText(message.promised)}`;
    case 'decided':
      return JSON.stringify(message.value);
  }
}

function voteText({ ballot, value }: Vote): string {
  return `${JSON.stringify(value)} (${ballotText(ballot)})`;
}
