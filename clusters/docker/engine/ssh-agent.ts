import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { FaultlineError } from '../../../src/index.js';
import type { EngineAddress } from './address.js';

const CONNECT_SECONDS = 5;
const KEPT_CHARACTERS = 2000;

/**
 * An HTTP agent whose connections go through `ssh <host> docker system dial-stdio`, as those of the docker command do: the keys, the known hosts and the configuration
 * are those of the ssh command. Nothing is asked (BatchMode): who needs a passphrase uses an ssh agent. A connection that ends early fails with what ssh said.
 */
export function sshAgent(address: Extract<EngineAddress, { kind: 'ssh' }>): Agent {
  const agent = new Agent({ keepAlive: false });
  const target = address.user === undefined ? address.host : `${address.user}@${address.host}`;
  const args = ['-o', 'BatchMode=yes', '-o', `ConnectTimeout=${CONNECT_SECONDS}`, '-T', ...(address.port === undefined ? [] : ['-p', String(address.port)]), '--', target, 'docker', 'system', 'dial-stdio'];
  return Object.assign(agent, { createConnection: () => connectionOf(args) });
}

function connectionOf(args: readonly string[]): Duplex {
  const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  const stream = new Duplex({
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
