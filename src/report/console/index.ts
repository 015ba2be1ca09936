export { Progress, type ProgressOptions, type ProgressPhase } from './progress.js';
export { summaryText, type SummaryOptions } from './summary.js';
