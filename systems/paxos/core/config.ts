import { CORE_BUGS } from './bugs.js';
import { MAX_NODES } from './membership.js';
import type { CoreConfig } from './types.js';

/** What is wrong with a configuration, in one sentence with the remedy, or undefined. */
export function configProblem(config: CoreConfig): string | undefined {
  const { self, nodes, q1, q2 } = config;
  const n = nodes.length;
  if (n === 0 || n > MAX_NODES) return `a cluster has 1 to ${MAX_NODES} nodes, not ${n}`;
  if (nodes.some((node) => !Number.isSafeInteger(node) || node < 1)) return 'node ids are integers from 1';
  if (new Set(nodes).size !== n) return 'a node is listed twice';
  if (!Number.isSafeInteger(self) || self < 1) return 'node ids are integers from 1';
  if (!nodes.includes(self) && self < Math.max(...nodes)) return `node ${self} is not among the nodes ${nodes.join(', ')}, and a node that is to be added must have a higher number than those`;
  for (const [name, size] of [['q1', q1], ['q2', q2]] as const) {
    if (!Number.isInteger(size) || size < 1 || size > n) return `${name} is ${size}; it must be from 1 to ${n}`;
  }
  if (q1 + q2 <= n) {
    return `q1 + q2 is ${q1 + q2}; it must be more than ${n}, or two leaders could choose different values: raise q1 or q2`;
  }
  if (!(config.heartbeatMs > 0)) return 'heartbeatMs must be positive';
  if (!(config.electionTimeoutMs >= 2 * config.heartbeatMs)) {
    return 'electionTimeoutMs must be at least twice heartbeatMs (ten times is usual), or every late heartbeat starts an election';
  }
  if (!(config.leaseMs >= 0)) return 'leaseMs must not be negative; 0 is for no leases';
  if (!(config.clockErrorRate >= 0 && config.clockErrorRate < 0.5)) return 'clockErrorRate must be from 0 to below 0.5';
  if (!(Number.isInteger(config.snapshotEvery) && config.snapshotEvery >= 0)) return 'snapshotEvery must be a number of slots; 0 is for no snapshots';
  if (!(config.requestTimeoutMs > 0)) return 'requestTimeoutMs must be positive';
  if (!(config.maxInFlight >= 1) || !(config.maxPipeline >= 1)) return 'maxInFlight and maxPipeline must be at least 1';
  const known: ReadonlySet<string> = new Set(CORE_BUGS.map((bug) => bug.name));
  const unknown = [...config.bugs].filter((name) => !known.has(name));
  return unknown.length === 0 ? undefined : `unknown bug ${unknown.join(', ')}; known are ${[...known].join(', ')}`;
}
