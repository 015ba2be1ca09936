/** What happened inside a run, as only a simulation can tell: for diagrams of who sent what to whom. Times are nanoseconds of the history's clock. */
export type TraceEvent = TracedMessage | TracedState | TracedNote;

/** A message from one lane to another: a node by its name, a client by its process as text (`3`). */
export interface TracedMessage {
  readonly kind: 'message';
  readonly from: string;
  readonly to: string;
  readonly sentNs: number;
  /** Undefined: it never arrived. */
  readonly arrivedNs?: number;
  /** Why it never arrived: `cut`, `lost`, `down` ... */
  readonly lost?: string;
  /** What sort it is, in the system's words: `prepare`, `accept`, `request` ... */
  readonly sort: string;
  /** More of it, short: `3.1 slot 4 = write x 7`. */
  readonly detail?: string;
  /** Says nothing new, like a heartbeat between friends: left out of a diagram that would be too full. */
  readonly routine?: true;
}

/** A state of a node that lasts: from then on until the next event of the same node and aspect. */
export interface TracedState {
  readonly kind: 'state';
  readonly node: string;
  readonly atNs: number;
  /** `process`: running, paused, stopped. `role`: leader, candidate, follower, in the system's words. */
  readonly aspect: 'process' | 'role';
  readonly value: string;
}

/** Something that happened at a node at one moment: `promised 3.1`, `applied slot 4: write x 7`. */
export interface TracedNote {
  readonly kind: 'note';
  readonly node: string;
  readonly atNs: number;
  readonly text: string;
}
