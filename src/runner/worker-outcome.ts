import { FaultlineError, messageOf } from '../errors.js';
import type { OpError } from '../history/op.js';
import type { Outcome } from './client.js';

/** The outcome that a client gave, if it is one; otherwise `info` with an error that names the client as the culprit. */
export function checkedOutcome(outcome: unknown, client: string): Outcome {
  if (isRecord(outcome)) {
    if (outcome.type === 'ok') return { type: 'ok', value: outcome.value ?? null };
    if ((outcome.type === 'fail' || outcome.type === 'info') && isOpError(outcome.error)) return { type: outcome.type, error: outcome.error };
  }
  const message = `${client} gave ${shown(outcome)}, which is no outcome: {type: "ok", value} or {type: "fail" | "info", error: {code}}`;
  return { type: 'info', error: { code: 'bad-outcome', message } };
}

/** What is recorded of something thrown. A FaultlineError keeps its code; at or after the deadline it is a timeout, whatever was thrown. */
export function thrownError(error: unknown, signal: AbortSignal): OpError {
  const cause: unknown = signal.aborted ? signal.reason : error;
  return { code: cause instanceof FaultlineError ? cause.code : 'exception', message: messageOf(cause) };
}

function isOpError(error: unknown): error is OpError {
  return isRecord(error) && typeof error.code === 'string' && (error.message === undefined || typeof error.message === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 200);
  } catch {
    return 'something that is not JSON';
  }
}
