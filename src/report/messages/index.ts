export { messageDiagram, type DiagramOptions } from './diagram.js';
export type { MessagesInput } from './input.js';
export { messagesHtml, type MessagesOptions } from './render.js';

/** Name of the page beside the report of a run. */
export const MESSAGES_FILE = 'messages.html';
