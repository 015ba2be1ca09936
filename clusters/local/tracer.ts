import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { FaultlineError, waitUntil, type Clock, type Support } from '../../src/index.js';
import { groupGuard } from './group-guard.js';
import { findProcess, groupMembers, signalGroup } from './process-table.js';

/** strace gets so long to attach, and to let go. */
const ATTACH_MS = 3000;
const DETACH_MS = 2000;
const CALLS = 'fsync,fdatasync';

/** Whom to trace, and whose the tracer is. */
export interface TracerSpec {
  readonly node: string;
  /** Process group of the program. */
  readonly pgid: number;
  /** Whole environment of the tracer: by the run's marks in it `clean` knows it. */
  readonly env: Readonly<Record<string, string>>;
  /** File that gets a line for each call. */
  readonly tracePath: string;
  readonly clock: Clock;
  /** Notes the tracer among the run's resources. */
  readonly note: (tracer: { readonly pid: number; readonly startTicks: string; readonly argv: readonly string[] }) => void;
}

/**
 * Attaches strace to all threads of a program, to tamper with its fsyncs; returns when each is attached. What it returns detaches, idempotently, and says how many calls
 * were tampered with. The tracer dies with the controller like a program; the traced program then goes on untouched. Throws FaultlineError `tracer`.
 */
export async function attachTracer(spec: TracerSpec, injection: string, mark: string): Promise<() => Promise<number>> {
  const pids = groupMembers(spec.pgid).map(({ pid }) => pid);
  const argv = ['strace', '-f', '-qq', '-o', spec.tracePath, '-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:${injection}`, ...pids.flatMap((pid) => ['-p', String(pid)])] as const;
  const tracer = spawn(argv[0], argv.slice(1), { env: { ...spec.env }, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  tracer.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const over = new Promise<void>((resolve) => tracer.once('close', () => resolve()).once('error', (error) => { said += error.message; resolve(); }));
  const { pid } = tracer;
  if (pid === undefined) throw new FaultlineError('tracer', `${spec.node}: strace cannot be started`, { hint: 'Is it installed?' });
  groupGuard.add(pid);
  void over.then(() => groupGuard.remove(pid));
  spec.note({ pid, startTicks: findProcess(pid)?.startTicks ?? '', argv });
  const detach = async (): Promise<void> => {
    // SIGINT lets the threads go on untouched; where the program is gone the tracer has ended too.
    if (isAlive(tracer)) tracer.kill('SIGINT');
    const inTime = await Promise.race([over.then(() => true), spec.clock.sleep(DETACH_MS).then(() => false)]);
    if (!inTime) signalGroup(pid, 'SIGKILL');
    if (!inTime) await over;
  };
  const attached = (): boolean => !isAlive(tracer) || pids.every((traced) => threadsTracedBy(traced, pid));
  await waitUntil('strace', attached, { clock: spec.clock, timeoutMs: ATTACH_MS, intervalMs: 3 }).catch(() => undefined);
  const calls = (): number => (existsSync(spec.tracePath) ? readFileSync(spec.tracePath, 'utf8').split('\n').filter((line) => line.includes(`(${mark})`)).length : 0);
  if (!isAlive(tracer) || !attached()) {
    await detach();
    // A program may have ended of its first failed call before anyone looked: then it was attached to.
    if (calls() === 0) throw new FaultlineError('tracer', `${spec.node}: strace cannot attach: ${said.trim() || 'the program has ended'}`);
  }
  return async () => {
    await detach();
    return calls();
  };
}

/** Whether strace can attach to a process that is not its own child: what it will have to do, tried on one. */
export function tracerSupport(): Support {
  if (process.platform !== 'linux') return { ok: false, why: `there is no strace on ${process.platform}`, remedy: 'Use --cluster docker.' };
  const version = spawnSync('strace', ['-V'], { encoding: 'utf8' });
  if (version.error !== undefined || version.status !== 0) return { ok: false, why: 'strace is not installed', remedy: 'apt-get install strace' };
  const child = spawn('sleep', ['10'], { stdio: 'ignore' });
  try {
    // A signal of its own makes the child end, and with it the tracer.
    const script = 'strace -o /dev/null -e trace=none -p "$1" & tracer=$!; i=0; while [ $i -lt 100 ] && kill -0 $tracer 2>/dev/null; do grep -q "^TracerPid:[[:space:]]*$tracer\\$" "/proc/$1/status" && { kill -INT $tracer; wait $tracer; exit 0; }; sleep 0.02; i=$((i+1)); done; kill $tracer 2>/dev/null; exit 1';
    const tried = spawnSync('sh', ['-c', script, 'sh', String(child.pid)], { encoding: 'utf8', timeout: ATTACH_MS });
    if (tried.status === 0) return { ok: true, by: `strace ${/version (\S+)/.exec(version.stdout)?.[1] ?? ''}`.trim() };
    return { ok: false, why: `strace cannot attach to a process (${tried.stderr.trim().split('\n')[0] ?? ''})`, remedy: existsSync('/proc/sys/kernel/yama/ptrace_scope') ? 'sysctl kernel.yama.ptrace_scope=0, or run as root.' : 'Allow ptrace (CAP_SYS_PTRACE), or use --cluster docker.' };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Whether somebody traces a process. */
export function isTraced(pid: number): boolean {
  return process.platform === 'linux' && tracerOf(`/proc/${pid}`) > 0;
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Whether each thread of a process is traced by that tracer; true of a process that is gone. */
function threadsTracedBy(pid: number, tracer: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => [tracer, -1].includes(tracerOf(`/proc/${pid}/task/${thread}`)));
  } catch {
    return true;
  }
}

/** Who traces a process or thread: 0 for nobody, -1 if it is gone. */
function tracerOf(path: string): number {
  try {
    return Number(/^TracerPid:\s*(\d+)$/m.exec(readFileSync(`${path}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return -1;
  }
}
