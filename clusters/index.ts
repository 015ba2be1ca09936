/** The built-in cluster providers. */
export { localProvider } from './local/index.js';
