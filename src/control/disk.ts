/** A regular file below a node's data folder. */
export interface DiskFile {
  /** Relative to the data folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * A node's data folder seen from outside its program, whether that runs or not. Paths are relative to the data folder; one that leaves it is refused
 * (FaultlineError `bad-path`). What the file system refuses is a FaultlineError `disk`.
 */
export interface Disk {
  /** All regular files, sorted by path. */
  list(): Promise<readonly DiskFile[]>;
  read(path: string): Promise<Buffer>;
  /** Overwrites bytes in place from `at` on; beyond the end the file grows. The file must exist. */
  patch(path: string, at: number, bytes: Buffer): Promise<void>;
  truncate(path: string, length: number): Promise<void>;
  /** Moves a file or folder. */
  rename(from: string, to: string): Promise<void>;
  /** Makes `to` (a folder) hold copies of what the folder `from` holds, and nothing else but what `keep` names (entries of `to`). `.` is the data folder. */
  replace(from: string, to: string, keep: readonly string[]): Promise<void>;
  /** Leaves no free space. Needs the capability `full-disk`. */
  fill(): Promise<DiskFault>;
  /** Makes every fsync and fdatasync of the running program last `delayMs` longer; Infinity, in a simulation only: until the fault ends. Needs the capability `slow-disk`. */
  slow(delayMs: number): Promise<DiskFault>;
  /** Makes every fsync and fdatasync of the running program fail with EIO. Needs the capability `slow-disk`. */
  failSync(): Promise<DiskFault>;
}

/** A fault of a disk that is in force. */
export interface DiskFault {
  /** By what means, for the history: `ballast file`, `strace`. */
  readonly by: string;
  /** Ends it, idempotently. Says whether it was seen to bite. */
  end(): Promise<{ readonly observed: boolean; readonly evidence: string }>;
}
