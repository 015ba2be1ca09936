/** One line of JSON an event on standard output. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A log that leaves out what is below the level. `time` gives the wall clock as text. */
export function makeLog(level: LogLevel, node: number, time: () => string, write: (line: string) => void): Log {
  const at = (own: LogLevel) => (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return;
    write(`${JSON.stringify({ time: time(), level: own, node, message, ...fields })}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
