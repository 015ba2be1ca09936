import type { Capability, Cluster, Support, UnexpectedExit } from '../../src/index.js';
import type { DockerNet } from './net.js';
import type { DockerNode } from './node.js';

/** Something to undo at the end, with its name for the message. */
export interface Undo {
  readonly what: string;
  undo(): Promise<void>;
}

/** Nodes as containers on an engine. */
export class DockerCluster implements Cluster {
  readonly provider = 'docker';
  readonly nodes: readonly DockerNode[];
  readonly net: DockerNet;
  /** Aborted when the run cannot go on, with the FaultlineError that says why: a holder is gone. */
  readonly lost: AbortSignal;
  readonly #capabilities: ReadonlyMap<Capability, Support>;
  readonly #exits: readonly UnexpectedExit[];
  readonly #undo: readonly (readonly Undo[])[];
  #disposal: Promise<void> | undefined;

  /** `exits` is the list that the nodes report to; the stages of `undo` come one after the other, their parts at once. */
  constructor(nodes: readonly DockerNode[], net: DockerNet, capabilities: ReadonlyMap<Capability, Support>, exits: readonly UnexpectedExit[], undo: readonly (readonly Undo[])[], lost: AbortSignal) {
    this.nodes = nodes;
    this.net = net;
    this.#capabilities = capabilities;
    this.#exits = exits;
    this.#undo = undo;
    this.lost = lost;
  }

  supports(capability: Capability): boolean {
    return this.#capabilities.get(capability)?.ok === true;
  }

  unexpectedExits(): readonly UnexpectedExit[] {
    return [...this.#exits];
  }

  /** Removes everything that was made for the run, all of it even if a part fails. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= undoAll(this.#undo);
    await this.#disposal;
  }
}

/** Stage after stage; throws the first failure when everything has been tried. */
export async function undoAll(stages: readonly (readonly Undo[])[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stage of stages) {
    const ends = await Promise.allSettled(stage.map((part) => part.undo()));
    failures.push(...ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : [])));
  }
  if (failures.length > 0) throw failures[0];
}
