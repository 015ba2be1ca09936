import type { Operation } from '../../history/op.js';
import type { StoredAnomaly } from '../../store/schema.js';
import { plural } from '../text.js';
import type { Window } from './window.js';

/** A vertical line of the diagram. */
export interface Lane {
  /** As the trace calls it. */
  readonly id: string;
  readonly kind: 'client' | 'node';
  readonly label: string;
}

/** An operation of the diagram; its lane is its client's. */
export interface ShownOperation {
  readonly operation: Operation;
  readonly lane: string;
  /** Whether the anomaly names it. */
  readonly atFault: boolean;
}

/** Who appears in a diagram. */
export interface Cast {
  readonly lanes: readonly Lane[];
  readonly operations: readonly ShownOperation[];
  /** What there was no room for, in words. */
  readonly leftOut: readonly string[];
}

/** So many lanes of clients: those that an anomaly names, and with others on the same key. */
const MOST_NAMED = 8;
const MOST_CLIENTS = 5;
/** So many operations, those first that are nearest to the named ones. */
const MOST_OPERATIONS = 60;

/** Those of the clients' operations that an anomaly names. */
export function namedBy(anomaly: StoredAnomaly | undefined, operations: readonly Operation[]): readonly Operation[] {
  const indices = new Set(anomaly?.ops ?? []);
  return operations.filter(({ invoke, completion }) => indices.has(invoke.index) || (completion !== undefined && indices.has(completion.index)));
}

/**
 * Whose lanes are drawn: all nodes, and the clients of the named operations, then of those nearest to them that work on the same keys meanwhile. Of these
 * clients every operation in the window is shown, up to 60. `named` are some of `operations`.
 */
export function castOf(named: readonly Operation[], operations: readonly Operation[], nodes: readonly string[], window: Window): Cast {
  const inWindow = operations.filter(({ invoke, completion }) => invoke.time <= window.toNs && (completion?.time ?? Infinity) >= window.fromNs);
  const keys = new Set(named.map(({ invoke }) => invoke.key));
  const namedClients = [...new Set(named.map(laneOf))];
  const others = [...inWindow].filter(({ invoke }) => named.length === 0 || keys.has(invoke.key)).sort((a, b) => distance(a, named) - distance(b, named)).map(laneOf);
  const clients = new Set(namedClients.slice(0, MOST_NAMED));
  for (const client of others) if (clients.size < MOST_CLIENTS) clients.add(client);
  const isNamed = new Set(named);
  const theirs = inWindow.filter((operation) => clients.has(laneOf(operation)));
  const near = new Set([...theirs].sort((a, b) => distance(a, named) - distance(b, named)).slice(0, MOST_OPERATIONS));
  const shown = theirs.filter((operation) => near.has(operation)).map((operation) => ({ operation, lane: laneOf(operation), atFault: isNamed.has(operation) }));
  const inOrder = [...new Set(shown.map(({ lane }) => lane))];
  const hidden = namedClients.length - Math.min(namedClients.length, MOST_NAMED);
  return {
    lanes: [...inOrder.map((id): Lane => ({ id, kind: 'client', label: `client ${id}` })), ...nodes.map((id): Lane => ({ id, kind: 'node', label: id }))],
    operations: shown,
    leftOut: [
      ...(hidden === 0 ? [] : [`${plural(hidden, 'client')} of operations that the finding names`]),
      ...(theirs.length === shown.length ? [] : [plural(theirs.length - shown.length, 'operation')]),
    ],
  };
}

/** The lane of a client's operation: its process, as the trace calls it. */
function laneOf({ invoke }: Operation): string {
  return String(invoke.process);
}

/** In events; without named operations all are equally near. */
function distance({ invoke }: Operation, named: readonly Operation[]): number {
  return named.length === 0 ? 0 : named.reduce((least, other) => Math.min(least, Math.abs(other.invoke.index - invoke.index)), Infinity);
}
