export { parseExplained, type Explained } from './explained.js';
export { explainHtml, type ExplainOptions } from './render.js';

/** Name of the page beside the report of a run. */
export const EXPLAIN_FILE = 'explain.html';
