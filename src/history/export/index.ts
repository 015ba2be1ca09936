export { ednLine, ednOf } from './edn.js';
export { ndjsonLine } from './ndjson.js';
