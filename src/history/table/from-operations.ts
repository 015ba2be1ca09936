import { isClientOp, type Operation } from '../op.js';
import { TableBuilder } from './builder.js';
import type { OpTable } from './op-table.js';

/** Columns of paired operations, in order of invocation; the rows lead back to them. Those of non-clients are left out. */
export function tableOf(operations: readonly Operation[]): OpTable {
  const clients = operations.filter(({ invoke }) => isClientOp(invoke));
  const builder = new TableBuilder(clients.length);
  // An operation without completion, or one by whose process another one is open (a part of a history), gets a process of its own.
  const ends = clients.flatMap(({ completion }, row) => (completion === undefined ? [] : [{ row, completion }]));
  ends.sort((a, b) => a.completion.index - b.completion.index);
  let [row, end] = [0, 0];
  while (row < clients.length || end < ends.length) {
    const begins = clients[row]?.invoke;
    const ended = ends[end];
    if (begins !== undefined && (ended === undefined || begins.index < ended.completion.index)) builder.add({ ...begins, process: row++ });
    else if (ended !== undefined) {
      builder.add({ ...ended.completion, process: ended.row });
      end++;
    }
  }
  const table = builder.build();
  const process = Int32Array.from(clients, ({ invoke }) => invoke.process as number);
  return { ...table, process, operation: (at) => clients[at] as Operation };
}
