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
