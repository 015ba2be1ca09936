export { messageDiagram, type DiagramOptions } from './diagram.js';
export type { MessagesInput } from './input.js';
