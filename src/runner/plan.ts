/**
 * Everything that is decided before a run starts. Stored as plan.json; together with the build it is the run, as far as a
 * live system lets itself be repeated.
 */
export interface TestPlan {
  readonly format: 1;
  readonly seed: number;
  readonly suite: string;
  readonly system: string;
  readonly systemOptions: Readonly<Record<string, unknown>>;
  /** Bugs that are switched on in the system. */
  readonly bugs: readonly string[];
  readonly cluster: string;
  readonly nodes: number;
  readonly workload: string;
  readonly nemeses: readonly string[];
  /** Length of the load phase. */
  readonly timeMs: number;
  readonly concurrency: number;
  /** Operations a second over all clients; 0: as fast as they can. */
  readonly rate: number;
  readonly callTimeoutMs: number;
  readonly livenessBoundMs: number;
  readonly basePort?: number;
  readonly keepData: boolean;
  /** The command that repeats it. */
  readonly command: string;
}
