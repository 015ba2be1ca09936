import { tableFrom, ValueTable, type Key, type OpTable } from '../../src/index.js';

/** A table whose columns are shared between threads, and whose values are copied to each. */
export interface SharedTable {
  readonly columns: Readonly<Record<Column, SharedArrayBuffer>>;
  readonly names: readonly string[];
  readonly keys: readonly (Key | undefined)[];
  readonly values: readonly unknown[];
}

const BYTES = ['f', 'outcome'] as const;
const WORDS = ['key', 'process', 'argument', 'argument2', 'result', 'result2', 'invoked', 'completed', 'events'] as const;
type Column = (typeof BYTES)[number] | (typeof WORDS)[number];

/** Copies a table to where threads can share it. */
export function sharedTable(table: OpTable): SharedTable {
  const columns = Object.fromEntries([...BYTES, ...WORDS].map((name) => {
    const column = table[name];
    const buffer = new SharedArrayBuffer(column.byteLength);
    new Uint8Array(buffer).set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    return [name, buffer];
  }));
  const values = Array.from({ length: table.values.size }, (_, id) => table.values.value(id));
  return { columns: columns as SharedTable['columns'], names: table.names, keys: table.keys, values };
}

/** The table again, in another thread. */
export function tableOfShared({ columns, names, keys, values }: SharedTable): OpTable {
  const table = new ValueTable();
  for (const value of values) table.id(value);
  const bytes = Object.fromEntries(BYTES.map((name) => [name, new Uint8Array(columns[name])])) as Record<(typeof BYTES)[number], Uint8Array>;
  const words = Object.fromEntries(WORDS.map((name) => [name, new Int32Array(columns[name])])) as Record<(typeof WORDS)[number], Int32Array>;
  return tableFrom({ size: bytes.f.length, names, keys, values: table, ...bytes, ...words });
}
