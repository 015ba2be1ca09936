import type { Capability } from './capability.js';

/** Whether a host can do something: by what means, or why not and what would help. */
export type Support = { readonly ok: true; readonly by: string } | { readonly ok: false; readonly why: string; readonly remedy?: string };

/** Something that a person wants to know of a host before a run. */
export interface HostFact {
  /** `engine`, `memory`, `node image` ... */
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

/** What a host that nodes would run on can do. */
export interface HostReport {
  readonly provider: string;
  readonly facts: readonly HostFact[];
  /** One entry for every capability that a cluster (not a system) has to give. */
  readonly capabilities: ReadonlyMap<Capability, Support>;
}
