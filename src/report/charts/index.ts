export { latencyChart } from './latency.js';
export { throughputChart } from './throughput.js';
export { clockChart } from './clock.js';
export { CHART_STYLE } from './frame.js';
