import { ballotText, compareBallots, type Ballot, type Message, type NodeId, type ReplicaState, type WalRecord } from '../../core/index.js';
import { applyCommand, createMachine, machineText } from '../../core/machine.js';
import { highestBallot } from './disk.js';
import { commandNumber } from './scope.js';
import type { Stage } from './turn.js';

/** What is wrong with a replica by itself: `outcome` what clients could notice, `internal` what only leads to that. */
export interface Wrong {
  readonly outcome: string | undefined;
  readonly internal: string | undefined;
}

/** Checks that what was applied is a prefix without gap, gave the state that it has to give, and nothing twice; and that every acceptance was a promise. */
export function brokenByNode(state: ReplicaState): Wrong {
  const { log, machine, applied, promised, config: { self } } = state;
  const reference = createMachine();
  const done = new Set<number>();
  let outcome: string | undefined;
  for (let slot = 1; slot <= applied; slot++) {
    const entry = log.get(slot);
    if (entry === undefined) return { outcome: `Applied: node ${self} has applied slot ${slot} and does not hold it`, internal: undefined };
    applyCommand(reference, slot, entry.command);
    const number = commandNumber(entry.command);
    if (number === undefined) continue;
    const again = done.has(number) && !(entry.command.kind === 'operation' && entry.command.session !== undefined);
    if (again) outcome ??= `Exactly once: node ${self} has executed command ${number} in two slots`;
    done.add(number);
  }
  if (machineText(machine) !== machineText(reference)) outcome ??= `Exactly once: the state of node ${self} is not what the commands that it has applied make of it`;
  const above = log.acceptedFrom(log.first).find(({ ballot }) => compareBallots(ballot, promised) > 0);
  return { outcome, internal: above === undefined ? undefined : `Promises: node ${self} has accepted in ${ballotText(above.ballot)} and promised ${ballotText(promised)}` };
}

/** Checks that a node tells of no promise and no acceptance before it is on its disk. */
export function brokenByStage(node: NodeId, disk: readonly WalRecord[], stages: readonly Stage[]): string | undefined {
  let records = disk;
  for (const stage of stages) {
    for (const effect of stage.said) {
      const told = effect.kind === 'send' ? toldBy(node, effect.message) : undefined;
      if (told !== undefined && compareBallots(told, highestBallot(records)) > 0) return `Durability: node ${node} tells of ballot ${ballotText(told)} (${effect.kind === 'send' ? effect.message.type : ''}) before it is on its disk`;
    }
    records = [...records, ...stage.records];
  }
  return undefined;
}

function toldBy(node: NodeId, message: Message): Ballot | undefined {
  if (message.type === 'prepare') return message.ballot.node === node ? message.ballot : undefined;
  return message.type === 'promise' || message.type === 'accepted' || message.type === 'heartbeat-ack' ? message.ballot : undefined;
}
