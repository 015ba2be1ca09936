import { FaultlineError } from '../errors.js';
import { isClientOp, type Key, type Op, type Operation, type ProcessId } from './op.js';

/** A recorded history with its invocations paired to their completions. */
export class History {
  readonly ops: readonly Op[];
  /** All operations in order of invocation: clients', nemeses', the runner's. */
  readonly operations: readonly Operation[];

  private constructor(ops: readonly Op[], operations: readonly Operation[]) {
    this.ops = ops;
    this.operations = operations;
  }

  /** Pairs events. Throws FaultlineError `history-pairing` (usage) for a completion without invocation or two open invocations of one process. */
  static from(ops: readonly Op[]): History {
    const open = new Map<ProcessId, number>();
    const operations: { invoke: Op; completion?: Op }[] = [];
    for (const op of ops) {
      const at = open.get(op.process);
      if (op.type === 'invoke') {
        if (at !== undefined) throw pairingError(op, `process ${op.process} invokes ${op.f} while its ${operations[at]?.invoke.f} (#${operations[at]?.invoke.index}) is still open`);
        open.set(op.process, operations.length);
        operations.push({ invoke: op });
        continue;
      }
      if (at === undefined) {
        // Notes of non-clients (a monitor's observation, a phase) are single `info` events.
        if (!isClientOp(op)) { operations.push({ invoke: op, completion: op }); continue; }
        throw pairingError(op, `completion (${op.type} ${op.f}) of process ${op.process} without an invocation`);
      }
      open.delete(op.process);
      const operation = operations[at];
      if (operation !== undefined) operation.completion = op;
    }
    return new History(ops, operations);
  }

  /** Client operations in order of invocation. */
  clientOperations(): readonly Operation[] {
    return this.operations.filter((operation) => isClientOp(operation.invoke));
  }

  /** Client operations by key (undefined for operations without one), in order of invocation. */
  byKey(): ReadonlyMap<Key | undefined, readonly Operation[]> {
    const keys = new Map<Key | undefined, Operation[]>();
    for (const operation of this.clientOperations()) {
      const list = keys.get(operation.invoke.key);
      if (list === undefined) keys.set(operation.invoke.key, [operation]);
      else list.push(operation);
    }
    return keys;
  }
}

function pairingError(op: Op, message: string): FaultlineError {
  return new FaultlineError('history-pairing', `event ${op.index}: ${message}`, {
    kind: 'usage',
    hint: 'A completion follows the invocation of the same process; a process has one open operation at a time.',
  });
}
