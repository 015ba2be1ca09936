import type { Model } from '../model.js';
import { appendString } from './append-string.js';

/**
 * The key-value service of Porcupine's corpus and of MIT's 6.824 labs: get, put and append of strings. Operations name their key as the key of
 * the operation, so that every key is an object of its own, and one object is exactly an `append-string`.
 */
export const kv: Model<string> = { ...appendString, name: 'kv', description: 'A key-value store of strings (get, put, append): every key is an append-string.' };
