export { streamingMonitor, type StreamingMonitor, type StreamingOptions, type Watching } from './monitor.js';
export { watched } from './watched.js';
