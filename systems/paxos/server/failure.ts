import { isFull } from './space.js';

/** Exit codes of the server program. */
export const SERVER_EXIT = { usage: 64, data: 65, io: 74, config: 78, defect: 70 } as const;

/** What ends the server: one line for people, and an exit code. */
export class ServerError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'ServerError';
    this.exitCode = exitCode;
  }
}

/**
 * What ends a node whose disk did not do what it was told. Space is waited for by what is written again as it was; not by an fsync: after one that failed, whatever for, the next succeeds
 * without having written anything ("fsyncgate", 2018). The next start writes it again, or cuts it off.
 */
export function diskFailure(error: Error): ServerError {
  const why = isFull(error) ? `the disk is full, and what had been written could not be made durable: ${error.message}. Make space, and start this node again` : `the disk failed: ${error.message}. What it holds is unknown`;
  return new ServerError(SERVER_EXIT.io, `${why}; this node stops.`);
}

/** What is said of an error that ends the program, and its exit code. */
export function lastWords(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof ServerError) return { text: error.message, exitCode: error.exitCode };
  if (isFull(error)) return { text: `the disk is full: ${(error as Error).message}. A node that serves waits for space, but one that starts has to write first that it did. Make some, and start it again.`, exitCode: SERVER_EXIT.io };
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: SERVER_EXIT.defect };
}
