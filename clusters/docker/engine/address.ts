import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FaultlineError, messageOf } from '../../../src/index.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a client shows and demands of an engine over TLS (PEM texts). */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string; readonly source: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined; readonly source: string }
  | { readonly kind: 'ssh'; readonly user: string | undefined; readonly host: string; readonly port: number | undefined; readonly source: string };

const LOCAL_SOCKET = '/var/run/docker.sock';
const EXAMPLES = 'Examples: unix:///var/run/docker.sock, tcp://10.0.0.5:2375, ssh://me@host:22. Unset it for the engine of this machine.';

/**
 * Where the engine is, as the variables of the docker command say: DOCKER_HOST (unix://, tcp://, ssh://) with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or else the socket of
 * this machine. The current context of the docker command (`docker context use`) is ignored: only variables are read. Usage error `bad-docker-host` or `bad-docker-tls` that names the variable.
 */
export function engineAddress(environment: Environment): EngineAddress {
  const text = environment['DOCKER_HOST']?.trim() ?? '';
  if (text === '') return { kind: 'socket', path: localSocket(), source: 'the default, as DOCKER_HOST is not set' };
  const source = 'from DOCKER_HOST';
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    if (!path.startsWith('/')) throw badHost(text, 'unix:// takes an absolute path');
    return { kind: 'socket', path, source };
  }
  const url = parseUrl(text);
  const port = url.port === '' ? undefined : Number(url.port);
  if (port === 0) throw badHost(text, 'there is no port 0');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' || host.startsWith('-')) throw badHost(text, 'it names no host');
  if (url.protocol === 'ssh:') {
    if (url.password !== '') throw badHost(text.replace(`:${url.password}@`, ':***@'), 'passwords are not taken here; use a key');
    const user = decodeURIComponent(url.username);
    if (/^-|[\s'"\\;&|$`]/.test(user)) throw badHost(text, 'this is no user name');
    return { kind: 'ssh', user: user === '' ? undefined : user, host, port, source };
  }
  const verified = (environment['DOCKER_TLS_VERIFY'] ?? '') !== '';
  return { kind: 'tcp', host, port: port ?? (verified ? 2376 : 2375), tls: verified ? tlsFiles(environment) : undefined, source };
}

/** An address as people write it. */
export function describeAddress(address: EngineAddress): string {
  if (address.kind === 'socket') return `unix://${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  if (address.kind === 'tcp') return `tcp://${host}:${address.port}${address.tls === undefined ? '' : ' with TLS'}`;
  return `ssh://${address.user === undefined ? '' : `${address.user}@`}${host}${address.port === undefined ? '' : `:${address.port}`}`;
}

/** The host where published ports of the engine's containers are reached; undefined: this machine. */
export function hostOf(address: EngineAddress): string | undefined {
  if (address.kind === 'socket' || ['localhost', '127.0.0.1', '::1'].includes(address.host)) return undefined;
  return address.host;
}

/** Docker Desktop may keep its socket in the home folder only. */
function localSocket(): string {
  const desktop = join(homedir(), '.docker/run/docker.sock');
  return !existsSync(LOCAL_SOCKET) && existsSync(desktop) ? desktop : LOCAL_SOCKET;
}

function parseUrl(text: string): URL {
  if (!/^(tcp|ssh):\/\//.test(text)) throw badHost(text, 'it starts with none of unix://, tcp:// and ssh://');
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw badHost(text, messageOf(error));
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') throw badHost(text, 'there is something behind host and port');
  if (url.protocol === 'tcp:' && url.username !== '') throw badHost(text, 'tcp:// takes no user');
  return url;
}

function tlsFiles(environment: Environment): TlsFiles {
  const named = environment['DOCKER_CERT_PATH'] ?? '';
  const folder = named === '' ? join(homedir(), '.docker') : named;
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      throw new FaultlineError('bad-docker-tls', `DOCKER_CERT_PATH: ${name} cannot be read: ${messageOf(error)}`, {
        kind: 'usage',
        hint: 'DOCKER_TLS_VERIFY is set, so ca.pem, cert.pem and key.pem are needed in the folder that DOCKER_CERT_PATH names (without it: ~/.docker).',
      });
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

function badHost(text: string, why: string): FaultlineError {
  return new FaultlineError('bad-docker-host', `DOCKER_HOST: "${text}" is no address of an engine: ${why}`, { kind: 'usage', hint: EXAMPLES });
}
