import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, type DuplexOptions } from 'node:stream';
import { FaultlineError } from '../../../src/index.js';
import type { EngineAddress } from './address.js';

const CONNECT_SECONDS = 5;
/** What nobody uses ends by itself after so long. */
const PERSIST_SECONDS = 15;
const KEPT_CHARACTERS = 2000;

/**
 * An HTTP agent whose connections go through `ssh <host> docker system dial-stdio`, as those of the docker command do: the keys, the known hosts and the configuration
 * are those of the ssh command. One request after the other uses a session, and sessions share a connection as far as the server takes so many. Nothing is asked (BatchMode): who needs a passphrase uses an ssh agent. A connection that ends early fails with what ssh said.
 */
export function sshAgent(address: Extract<EngineAddress, { kind: 'ssh' }>): Agent {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 8 });
  const target = address.user === undefined ? address.host : `${address.user}@${address.host}`;
  const args = ['-o', 'BatchMode=yes', '-o', `ConnectTimeout=${CONNECT_SECONDS}`, ...sharing(), '-T', ...(address.port === undefined ? [] : ['-p', String(address.port)]), '--', target, 'docker', 'system', 'dial-stdio'];
  return Object.assign(agent, { createConnection: () => connectionOf(args) });
}

/** Options that let all our connections share one. The socket lies in a folder that only we can read. */
function sharing(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'fl-ssh-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return ['-o', 'ControlMaster=auto', '-o', `ControlPath=${join(folder, '%C')}`, '-o', `ControlPersist=${PERSIST_SECONDS}`];
}

/** What an HTTP agent asks of a socket beyond a stream: to keep the process alive only while it is used. */
class SshStream extends Duplex {
  readonly #handles: readonly { ref(): void; unref(): void }[];
  #idle: NodeJS.Timeout | undefined;

  constructor(child: ChildProcessWithoutNullStreams, options: DuplexOptions) {
    super(options);
    this.#handles = [child, child.stdin, child.stdout, child.stderr] as unknown as readonly { ref(): void; unref(): void }[];
  }

  ref(): this {
    clearTimeout(this.#idle);
    for (const handle of this.#handles) handle.ref();
    return this;
  }

  unref(): this {
    for (const handle of this.#handles) handle.unref();
    this.#idle = setTimeout(() => this.destroy(), PERSIST_SECONDS * 1000).unref();
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }
}

function connectionOf(args: readonly string[]): Duplex {
  // In a session of its own: Ctrl-C in the terminal is for us, who need the engine to clean up. It ends with its standard input.
  const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  const stream = new SshStream(child, {
    read: () => child.stdout.resume(),
    write: (chunk, _encoding, callback) => child.stdin.write(chunk, callback),
    final: (callback) => child.stdin.end(callback),
    destroy: (error, callback) => {
      child.kill();
      callback(error);
    },
  });
  child.stdin.on('error', (error) => stream.destroy(error));
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.on('error', (error) => stream.destroy(error));
  child.on('close', (code) => {
    if (code === 0) stream.push(null);
    else stream.destroy(new FaultlineError('ssh-failed', `ssh ended with ${code ?? 'a signal'}: ${said.trim() === '' ? 'it said nothing' : said.trim()}`));
  });
  return stream;
}
