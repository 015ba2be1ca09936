import { PassThrough, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import { FaultlineError, type ExecResult } from '../../../src/index.js';
import { ignoringGone, reasonOf, withDeadline } from '../deadline.js';

export interface ExecRequest {
  readonly argv: readonly [string, ...string[]];
  readonly timeoutMs: number;
  readonly input?: string;
}

/** Runs a command in a running container. Throws FaultlineError `exec-failed` or `exec-timeout`. */
export async function execIn(container: Docker.Container, request: ExecRequest): Promise<ExecResult> {
  const { argv, timeoutMs, input } = request;
  try {
    const exec = await withDeadline('making the command', container.exec({ Cmd: [...argv], AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true }));
    const stream = await withDeadline('starting the command', exec.start({ hijack: true, stdin: input !== undefined }));
    const output = gather(container.modem as Docker['modem'], stream);
    if (input !== undefined) stream.end(input);
    const { stdout, stderr } = await until(output, timeoutMs, argv, () => stream.destroy());
    // The exit code is known only once the streams have ended.
    const { ExitCode } = await withDeadline('asking for the exit code', exec.inspect());
    return { exitCode: ExitCode ?? -1, stdout, stderr };
  } catch (cause) {
    if (cause instanceof FaultlineError) throw cause;
    throw execFailure(argv[0], cause);
  }
}

/** Runs a command in a container of its own that is gone afterwards. Throws FaultlineError `exec-failed` or `exec-timeout`. */
export async function runOnce(docker: Docker, options: Docker.ContainerCreateOptions, request: ExecRequest): Promise<ExecResult> {
  const { argv, timeoutMs, input } = request;
  let container: Docker.Container | undefined;
  try {
    container = await withDeadline('making a container', docker.createContainer({ ...options, Entrypoint: [], Cmd: [...argv], OpenStdin: input !== undefined, StdinOnce: true, AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true }));
    const stream = await withDeadline('attaching to the container', container.attach({ stream: true, stdin: input !== undefined, stdout: true, stderr: true, hijack: true }));
    const output = gather(docker.modem, stream);
    await withDeadline('starting the container', container.start());
    if (input !== undefined) stream.end(input);
    const { stdout, stderr } = await until(output, timeoutMs, argv, () => (stream as unknown as Readable).destroy());
    const { StatusCode } = (await withDeadline('waiting for the container', container.wait())) as { readonly StatusCode: number };
    return { exitCode: StatusCode, stdout, stderr };
  } catch (cause) {
    if (cause instanceof FaultlineError) throw cause;
    throw execFailure(argv[0], cause);
  } finally {
    if (container !== undefined) await ignoringGone(withDeadline('removing the container', container.remove({ force: true })));
  }
}

function execFailure(program: string, cause: unknown): FaultlineError {
  const reason = reasonOf(cause);
  const missing = /executable file not found|no such file or directory/i.test(reason);
  return new FaultlineError('exec-failed', missing ? `there is no program ${program} in the image: ${reason}` : `cannot run ${program}: ${reason}`, { cause, ...(missing ? { hint: 'Take an image that has what the system runs (--image, or the system\'s own).' } : {}) });
}

/** Both outputs as text, when the stream has ended. */
function gather(modem: Docker['modem'], stream: NodeJS.ReadWriteStream): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const outputs = [new PassThrough(), new PassThrough()] as const;
  modem.demuxStream(stream, ...outputs);
  const texts = outputs.map((output) => {
    const chunks: Buffer[] = [];
    output.on('data', (chunk: Buffer) => chunks.push(chunk));
    return (): string => Buffer.concat(chunks).toString('utf8');
  });
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    const done = (): void => resolve({ stdout: texts[0]?.() ?? '', stderr: texts[1]?.() ?? '' });
    // What was demultiplexed arrives in the next turns.
    stream.on('end', () => setImmediate(done)).on('close', () => setImmediate(done));
  });
}

async function until<T>(work: Promise<T>, timeoutMs: number, argv: readonly string[], giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FaultlineError('exec-timeout', `${argv.join(' ')}: not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    giveUp();
    work.catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
