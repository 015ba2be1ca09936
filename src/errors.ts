/** Exit codes of the command line. */
export const EXIT = { valid: 0, invalid: 1, unknown: 2, usage: 254, crash: 255, interrupted: 130 } as const;

/**
 * An error that a person can do something about: shown as one message with its remedy, without a stack trace.
 * `usage` is a mistake in options, configuration or input files (exit 254); `crash` is anything else that ended the run (255).
 */
export class FaultlineError extends Error {
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(code: string, message: string, options: { readonly hint?: string; readonly cause?: unknown; readonly kind?: 'usage' | 'crash' } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FaultlineError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.kind === 'usage' ? EXIT.usage : EXIT.crash;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
