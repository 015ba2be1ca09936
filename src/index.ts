/**
 * The public interface: everything a plug-in (cluster, system, nemesis, workload, checker) may use.
 * Built-in plug-ins import this file and their own folder only.
 */
export * from './history/op.js';
export * from './history/history.js';
export * from './history/canonical.js';
export * from './history/fault-pairs.js';
export * from './history/trace.js';
export * from './history/table/index.js';
export * from './errors.js';
export * from './time/clock.js';
export * from './time/wait.js';
export * from './time/within.js';
export * from './random/random.js';
export * from './control/capability.js';
export * from './control/cluster.js';
export * from './control/disk.js';
export * from './control/file-system.js';
export * from './control/host-report.js';
export * from './control/machine.js';
export * from './control/links.js';
export * from './control/grudge.js';
export * from './control/grudges.js';
export * from './generator/types.js';
/** The combinators: `gen.mix`, `gen.stagger` ... The essay is at the head of generator/index.ts. */
export * as gen from './generator/index.js';
export * from './runner/client.js';
export * from './runner/run-context.js';
export * from './runner/system.js';
export * from './runner/nemesis.js';
export * from './runner/workload.js';
export * from './runner/checker.js';
export * from './explore/index.js';
