/** Readers of histories, ours and those that other tools recorded. */
export type { ImportOptions } from './assemble.js';
export { detectFormat, FORMAT_EXAMPLES, FORMATS, SAMPLE_BYTES, type HistoryFormat } from './detect.js';
export { readEdn, type EdnValue } from './edn.js';
export { readJepsenEdn } from './jepsen-edn.js';
export { readJepsenLog } from './jepsen-lines.js';
export { openHistory, type OpenedHistory, type OpenOptions } from './open-history.js';
