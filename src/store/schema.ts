import { z } from 'zod';

/** How a nemesis departs from its usual pace: factors of the quiet between faults and of their length, the kinds of fault that it keeps to, and what part of its faults waits for a message, to begin or to end (where the cluster can tell). */
export const paceSchema = z.object({ quiet: z.number().positive(), length: z.number().positive(), kinds: z.array(z.string()).exactOptional(), aimed: z.number().min(0).max(1).exactOptional() });
export type StoredPace = z.infer<typeof paceSchema>;

const timedOpSchema = z.object({ thread: z.int().min(0), atMs: z.number(), f: z.string(), key: z.union([z.string(), z.number()]).exactOptional(), value: z.unknown() });
const timedFaultSchema = z.object({ nemesis: z.string(), atMs: z.number(), untilMs: z.number(), value: z.unknown() });

/**
 * What is done when, in place of what the workload and the nemeses would choose: for repeating a run, and for making one smaller. Times in milliseconds from the beginning of the phase; who
 * is not free then does it as soon as it is. What is left out is chosen as ever.
 */
export const scriptSchema = z.object({
  /** Client operations of the load phase. */
  load: z.array(timedOpSchema).exactOptional(),
  /** Faults, from their start to their stop. */
  faults: z.array(timedFaultSchema).exactOptional(),
  /** A quorum that is left alone, what ails the others, and what its clients do; null: there is no such phase. */
  core: z.object({ core: z.array(z.string()), ailments: z.record(z.string(), z.string()), ops: z.array(timedOpSchema) }).nullable().exactOptional(),
  /** Client operations of the final phase. */
  final: z.array(timedOpSchema).exactOptional(),
});
export type StoredScript = z.infer<typeof scriptSchema>;
export type StoredTimedOp = z.infer<typeof timedOpSchema>;
export type StoredTimedFault = z.infer<typeof timedFaultSchema>;

/** plan.json: everything that was decided before the run started. Times in milliseconds. */
export const planSchema = z.object({
  format: z.literal(1),
  seed: z.int().min(0),
  suite: z.string(),
  system: z.string(),
  systemOptions: z.record(z.string(), z.unknown()),
  /** Bugs that are switched on in the system. */
  bugs: z.array(z.string()),
  cluster: z.string(),
  nodes: z.int().min(1),
  workload: z.string(),
  nemeses: z.array(z.string()),
  /** Length of the load phase. */
  timeMs: z.number(),
  concurrency: z.int().min(1),
  /** Operations a second over all clients; 0: as fast as they can. */
  rate: z.number(),
  callTimeoutMs: z.number(),
  livenessBoundMs: z.number(),
  basePort: z.int().exactOptional(),
  /** Whose files the disk nemesis may destroy. Absent: at most a minority's. */
  damage: z.enum(['minority', 'majority']).exactOptional(),
  /** What the nodes run in, in a cluster of containers. Absent: the system's own image. */
  image: z.string().exactOptional(),
  keepData: z.boolean(),
  /** Whether the run ends at the first violation that is proven while it goes on. Absent: no. */
  failFast: z.boolean().exactOptional(),
  /** Whether, after the load, a random quorum has to make progress while everything else stays broken. Absent: no. */
  core: z.boolean().exactOptional(),
  /** What is done when, if that is not left to the workload and the nemeses. */
  script: scriptSchema.exactOptional(),
  /** The run that this one repeats, or was made from by making it smaller: its folder. */
  origin: z.string().exactOptional(),
  /** In virtual time: what the simulated world is like, as the cluster describes it. */
  world: z.unknown().exactOptional(),
  /** By nemesis: how it departs from its usual pace. */
  paces: z.record(z.string(), paceSchema).exactOptional(),
  /** What the system promises in this setting, where that is less than linearizability. */
  promise: z.string().exactOptional(),
  /** The command that repeats the run. */
  command: z.string(),
});

/** run.json: which process carried the run out. */
export const runSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  /** faultline's version. */
  version: z.string(),
  /** Wall clock, ISO 8601. */
  started: z.string(),
  controllerPid: z.int(),
  argv: z.array(z.string()),
});

const anomalySchema = z.object({
  kind: z.string(),
  message: z.string(),
  /** Indices of the events to look at. */
  ops: z.array(z.int()),
  key: z.union([z.string(), z.number()]).exactOptional(),
});

const checkerSchema = z.object({
  name: z.string(),
  judges: z.enum(['safety', 'liveness', 'coverage']),
  /** `crash`: the checker itself failed, which is no verdict. */
  valid: z.union([z.boolean(), z.literal('unknown'), z.literal('crash')]),
  summary: z.string(),
  anomalies: z.array(anomalySchema),
  details: z.record(z.string(), z.unknown()).exactOptional(),
});

/** results.json: the verdict and how it came about. */
export const resultsSchema = z.object({
  format: z.literal(1),
  runId: z.string(),
  verdict: z.enum(['valid', 'invalid', 'unknown']),
  /** What made it so, if it is not valid: a broken promise, "safe but stuck", or a test that showed too little. */
  kind: z.enum(['safety', 'liveness', 'coverage']).exactOptional(),
  /** One sentence for people. */
  headline: z.string(),
  checkers: z.array(checkerSchema),
  /** Client operations by function and outcome; `open` never completed. Latencies of ok operations, milliseconds. */
  operations: z.array(
    z.object({
      f: z.string(),
      ok: z.int(),
      fail: z.int(),
      info: z.int(),
      p50Ms: z.number().nullable(),
      p99Ms: z.number().nullable(),
      maxMs: z.number().nullable(),
    }),
  ),
  /** Number of events in the history. */
  events: z.int(),
  faults: z.array(
    z.object({
      nemesis: z.string(),
      kind: z.string(),
      targets: z.array(z.string()),
      /** When it was in force, milliseconds of the run; null: never ended. */
      fromMs: z.number(),
      toMs: z.number().nullable(),
      /** The means, as the cluster names it: nftables, strace ... */
      by: z.string().exactOptional(),
      /** Between these moments the links changed, milliseconds of the run. */
      appliedMs: z.tuple([z.number(), z.number()]).readonly().exactOptional(),
      effect: z.object({ observed: z.boolean(), evidence: z.string() }).exactOptional(),
      healed: z.object({ observed: z.boolean(), evidence: z.string() }).exactOptional(),
    }),
  ),
  leaderChanges: z.int(),
  nodes: z.array(
    z.object({
      name: z.string(),
      /** The last status it gave: role, term, counters ... */
      status: z.record(z.string(), z.unknown()).exactOptional(),
      /** Ends of its program that no nemesis asked for, in words. */
      unexpectedExits: z.array(z.string()),
    }),
  ),
  /** What the nodes counted of what happened in them, summed over all nodes and their lives, as far as it was seen: what the run has exercised. */
  exercised: z.record(z.string(), z.number()).exactOptional(),
  /** What went wrong around the run without ending it. */
  troubles: z.array(z.string()),
  interrupted: z.boolean(),
  /** The run ended before its time, as a violation was proven at this event. */
  endedEarly: z.object({ event: z.int(), message: z.string() }).exactOptional(),
  /** Wall time of the whole run and of judging it, milliseconds. */
  durationMs: z.number(),
  checkMs: z.number(),
});

export type StoredPlan = z.infer<typeof planSchema>;
export type StoredRun = z.infer<typeof runSchema>;
export type StoredResults = z.infer<typeof resultsSchema>;
export type StoredChecker = z.infer<typeof checkerSchema>;
export type StoredAnomaly = z.infer<typeof anomalySchema>;
export type StoredFault = StoredResults['faults'][number];
