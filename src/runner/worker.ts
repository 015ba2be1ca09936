import type { FaultlineError } from '../errors.js';
import type { AssignedDraft } from '../generator/ask.js';
import type { OpError, OpType, ProcessId } from '../history/op.js';
import type { Clock } from '../time/clock.js';

/** What a worker does: one operation at a time, for one thread. */
export interface Worker {
  /** Begins an operation. Its invocation and completion are recorded through the host, which is told when the thread is free again. */
  start(op: AssignedDraft, process: ProcessId): void;
  /** When by the host's clock its earliest deadline is, ns; Infinity: it has none. */
  readonly dueNs: number;
  /** Looks at its deadlines, `nowNs` on the host's clock. */
  tick(nowNs: number): void;
  /** Gives up what is open: recorded as `info` with the reason's code, at once. The worker is not used again. */
  stop(reason: FaultlineError): void;
  /** Closes what it holds. Never rejects. */
  close(): Promise<void>;
}

/** What the interpreter is to its workers: the one place where history, generator and threads change. */
export interface WorkerHost {
  readonly clock: Clock;
  /** Ends when the interpreter does: for pauses. */
  readonly ended: AbortSignal;
  invoked(op: AssignedDraft, process: ProcessId): void;
  completed(op: AssignedDraft, process: ProcessId, completion: Completion): void;
  /** The thread can take an operation again; `retired`: as a new process. */
  released(op: AssignedDraft, retired: boolean): void;
  /** A client is to be closed while the run goes on. */
  discard(client: AsyncDisposable): void;
}

/** How an operation is recorded to have ended: with a result, or with the argument again and an error. */
export interface Completion {
  readonly type: Exclude<OpType, 'invoke'>;
  readonly value: unknown;
  readonly error?: OpError;
}

/** Resolves when something is closed, or `ms` later; never rejects, for what is closed is of no more use. */
export async function closeWithin(ms: number, closing: AsyncDisposable, clock: Clock): Promise<void> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).catch(() => undefined);
  const closed = (async () => closing[Symbol.asyncDispose]())().catch(() => undefined);
  await Promise.race([closed, late]);
  timer.abort();
}
