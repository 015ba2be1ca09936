/** The built-in cluster providers. */
export { dockerProvider } from './docker/index.js';
export { localProvider } from './local/index.js';
export { simProvider } from './sim/index.js';
