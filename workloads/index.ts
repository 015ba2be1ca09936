/** The built-in workloads. */
export { appendWorkload } from './append/index.js';
export { consensusWorkload } from './consensus/index.js';
export { counterWorkload } from './counter/index.js';
export { registerWorkload } from './register/index.js';
