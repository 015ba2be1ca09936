/** Readers of histories that other tools recorded. */
export type { ImportOptions } from './assemble.js';
export { readEdn, type EdnValue } from './edn.js';
export { readJepsenEdn } from './jepsen-edn.js';
export { readJepsenLog } from './jepsen-log.js';
