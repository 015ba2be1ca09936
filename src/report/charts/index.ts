export { latencyChart } from './latency.js';
export { throughputChart } from './throughput.js';
export { CHART_STYLE } from './frame.js';
