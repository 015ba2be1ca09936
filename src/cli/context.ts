/** What a command gets from the process that runs it; tests give their own. */
export interface CliContext {
  /** Results: what a program would read. */
  out(text: string): void;
  /** Resolves when the reader of the results has taken what was written: for results that are long. */
  drained?(): Promise<void>;
  /** Messages for people. */
  err(text: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Whether standard error is a terminal. */
  readonly terminal: boolean;
  /** Its width in columns. */
  readonly columns: number;
  readonly stdin: NodeJS.ReadableStream;
}
