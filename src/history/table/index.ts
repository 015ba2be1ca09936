export { TableBuilder, tableFrom } from './builder.js';
export { tableOf } from './from-operations.js';
export { OUTCOME, valueOf, type OpTable } from './op-table.js';
export { ValueTable } from './values.js';
