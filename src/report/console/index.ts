export { Progress, type ProgressOptions, type ProgressPhase } from './progress.js';
export { SearchProgressLine, type SearchProgressOptions, type SearchState } from './search-progress.js';
export { searchSummaryText, type SearchOutcome } from './search-summary.js';
export { summaryText, type SummaryOptions } from './summary.js';
