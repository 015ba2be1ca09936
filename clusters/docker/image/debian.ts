import { spawn } from 'node:child_process';
import { accessSync, constants, openSync, closeSync, readSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FaultlineError, within } from '../../../src/index.js';
import { debianArguments, SUITE } from './recipe.js';

/** `e_machine` of ELF files, by the engine's names of architectures. */
const ELF_MACHINES: Readonly<Record<string, number>> = { amd64: 62, arm64: 183, arm: 40, '386': 3, ppc64le: 21, s390x: 22, riscv64: 243 };
/** mmdebstrap takes half a minute where the mirror is near. */
const DEBIAN_MS = 15 * 60_000;
/** How long mmdebstrap may take to put things in order when it is told to end. */
const END_MS = 10_000;
/** How much of what mmdebstrap says is kept, characters. */
const OUTPUT_LIMIT = 200_000;

/** This machine's node binary. */
export function hostNode(): string {
  return realpathSync(process.execPath);
}

/** Why a binary cannot run on the engine; undefined: it can, as far as its head says. */
export function binaryObstacle(path: string, architecture: string): string | undefined {
  const head = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  if (head.toString('latin1', 0, 4) !== '\x7fELF') return `${path} is no Linux program, and the image needs one`;
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  if (machine !== ELF_MACHINES[architecture]) return `${path} is not made for ${architecture}, which the engine is`;
  return undefined;
}

/** Why this machine cannot make a Debian of its own; undefined: it can. */
export function debianObstacle(path = process.env['PATH'] ?? '', uid = process.getuid?.()): string | undefined {
  if (process.platform !== 'linux') return 'that takes a Linux machine';
  if (!path.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, 'mmdebstrap')))) return 'there is no mmdebstrap on this machine (on Debian: `apt-get install mmdebstrap`)';
  if (uid !== 0) return 'mmdebstrap needs root here';
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Writes a Debian with the packages and a node binary as a tar archive. FaultlineError `debian-failed` with all that mmdebstrap said. */
export async function makeDebian(options: { readonly tar: string; readonly node: string; readonly tempDir: string; readonly log: (line: string) => void; readonly signal: AbortSignal }): Promise<void> {
  const hooks = [`--customize-hook=upload ${quoted(options.node)} /usr/local/bin/node`, '--customize-hook=chmod 0755 "$1/usr/local/bin/node"'];
  const args = [...debianArguments(), ...hooks, SUITE, options.tar];
  const child = spawn('mmdebstrap', args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: options.tempDir, LC_ALL: 'C.UTF-8' }, detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-OUTPUT_LIMIT);
    for (const line of text.split('\n')) if (/^I: (?!using|removing|success|done|automatically|chroot|finding|running (--|special))/.test(line)) options.log(line.slice(3));
  });
  const deadline = within(DEBIAN_MS, options.signal);
  const code = await endOf(child, deadline);
  if (options.signal.aborted) throw new FaultlineError('interrupted', 'The making of the base image was interrupted');
  if (code !== 0) throw new FaultlineError('debian-failed', `mmdebstrap ${deadline.aborted ? `did not end within ${DEBIAN_MS / 60_000} min` : `ended with ${code}`}:\n${said.trim()}`, { hint: 'It needs a Debian mirror; its own configuration is that of apt (see mmdebstrap(1)).' });
}

/** The end of a child in a group of its own, which is told to end at the signal and killed if it does not. */
function endOf(child: ReturnType<typeof spawn>, signal: AbortSignal): Promise<number | string> {
  return new Promise((resolve) => {
    let killer: NodeJS.Timeout | undefined;
    const end = (): void => {
      signalGroup(child.pid, 'SIGTERM');
      killer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), END_MS);
    };
    const done = (result: number | string): void => {
      clearTimeout(killer);
      signal.removeEventListener('abort', end);
      resolve(result);
    };
    child.on('error', (error) => done(error.message));
    child.on('close', (code, by) => done(code ?? by ?? '?'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
