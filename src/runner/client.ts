import type { Key, OpError } from '../history/op.js';
import type { Node } from '../control/cluster.js';
import type { Run } from './run-context.js';

/** An operation as a client gets it. */
export interface Call {
  readonly f: string;
  readonly key?: Key;
  readonly value: unknown;
}

/** How an operation ended. `fail` only if it certainly did not and will not take effect; everything doubtful is `info`. */
export type Outcome =
  | { readonly type: 'ok'; readonly value: unknown }
  | { readonly type: 'fail'; readonly error: OpError }
  | { readonly type: 'info'; readonly error: OpError };

/** One logical client: does one call at a time, and is closed after its first `info`. */
export interface Client extends AsyncDisposable {
  /** Never retries behind the history's back in a way that could execute a call twice. A throw means `info`. The signal ends at the call's deadline. */
  invoke(call: Call, signal: AbortSignal): Promise<Outcome>;
}

/** Where a client comes from. */
export interface ClientContext {
  readonly process: number;
  readonly thread: number;
  /** The node this client is pinned to. */
  readonly node: Node;
}

export interface ClientAdapter {
  open(context: ClientContext, run: Run, signal: AbortSignal): Promise<Client>;
  /** Once, before the load: schema, keys ... */
  setup?(run: Run, signal: AbortSignal): Promise<void>;
}
