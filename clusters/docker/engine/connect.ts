import type Docker from 'dockerode';
import { FaultlineError } from '../../../src/index.js';
import { reasonOf, statusOf } from '../deadline.js';
import { describeAddress, engineAddress, hostOf, type EngineAddress, type Environment } from './address.js';
import { factsOf, type EngineFacts } from './facts.js';
import { engineDown, NoAnswer } from './failure.js';
import { sshAgent } from './ssh-agent.js';
import { sshHostname } from './ssh-host.js';

/** A Docker engine that answered and is fit for runs. */
export interface Engine {
  readonly docker: Docker;
  /** Where published ports of its containers are reached; undefined: this machine. */
  readonly host: string | undefined;
  /** Its address, as people write it. */
  readonly describe: string;
  readonly facts: EngineFacts;
}

/** How long an engine may take for its first answers, milliseconds. */
export const CONNECT_MS = 5000;

/**
 * The oldest API that is enough: Docker 20.10 (December 2020). The C library of the node image starts threads by clone3, which the seccomp profile of older engines refuses
 * with EPERM instead of ENOSYS, so that the library does not try the older call; and older engines do not say which cgroup version they use.
 */
export const OLDEST_API = '1.41';

/**
 * Connects to the engine that DOCKER_HOST names (unix://, tcp:// with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, ssh://user@host:port), or to the socket of this machine. The current
 * context of the docker command is ignored. FaultlineError `bad-docker-host` or `bad-docker-tls` (usage: the variable is named), `engine-down` (which address, why, what
 * to do), `engine-old`, `engine-os`. Takes at most about twice `connectMs`.
 */
export async function connectEngine(environment: Environment = process.env, connectMs = CONNECT_MS): Promise<Engine> {
  const address = engineAddress(environment);
  const docker = await clientOf(address);
  const version = await ask(address, '/version', connectMs, (abortSignal) => (docker.version as Ask).call(docker, { abortSignal }));
  checkVersion(address, version);
  const info = await ask(address, '/info', connectMs, (abortSignal) => (docker.info as Ask).call(docker, { abortSignal }));
  const host = hostOf(address.kind === 'ssh' ? { ...address, host: await sshHostname(address.host) } : address);
  return { docker, host, describe: describeAddress(address), facts: factsOf(version, info) };
}

type Ask = (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>;

/** Everything is said explicitly: what is left out, the client would take from the variables of this process. */
async function clientOf(address: EngineAddress): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  const none = { socketPath: undefined, host: undefined, port: undefined, username: undefined, ca: undefined, cert: undefined, key: undefined, protocol: 'http' } as const;
  try {
    if (address.kind === 'socket') return new Client({ ...none, socketPath: address.path });
    if (address.kind === 'tcp') return new Client({ ...none, host: address.host, port: address.port, ...(address.tls === undefined ? {} : { ...address.tls, protocol: 'https' as const }) });
    const throughSsh = { ...none, host: 'localhost', port: 80, agent: sshAgent(address) };
    return new Client(throughSsh);
  } catch (error) {
    throw engineDown(address, error);
  }
}

/** Asks for an object; the request is ended, not only forgotten, when the time is over. */
async function ask(address: EngineAddress, what: string, ms: number, request: (signal: AbortSignal) => Promise<unknown>): Promise<Readonly<Record<string, unknown>>> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  let answer: unknown;
  try {
    answer = await Promise.race([request(controller.signal), aborted(controller.signal)]);
  } catch (error) {
    if (controller.signal.aborted) throw engineDown(address, new NoAnswer(ms));
    throw engineDown(address, statusOf(error) === undefined ? error : new Error(`GET ${what} was answered with HTTP status ${statusOf(error)}: ${reasonOf(error)}`));
  } finally {
    clearTimeout(timer);
  }
  if (typeof answer !== 'object' || answer === null || Buffer.isBuffer(answer)) throw engineDown(address, new Error(`what answers GET ${what} is no Docker engine`));
  return answer as Readonly<Record<string, unknown>>;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));
}

function checkVersion(address: EngineAddress, version: Readonly<Record<string, unknown>>): void {
  const api = version['ApiVersion'];
  if (typeof api !== 'string' || !/^\d+\.\d+$/.test(api)) throw engineDown(address, new Error('what answers GET /version is no Docker engine: it names no ApiVersion'));
  if (isOlder(api, OLDEST_API)) {
    throw new FaultlineError('engine-old', `The engine at ${describeAddress(address)} speaks API ${api}, ${OLDEST_API} is needed`, { hint: 'Docker 20.10 or newer is needed; DOCKER_HOST may name another engine.' });
  }
  if (version['Os'] !== 'linux') {
    throw new FaultlineError('engine-os', `The engine at ${describeAddress(address)} runs ${String(version['Os'])} containers; nodes are Linux containers`, { hint: 'Switch Docker Desktop to Linux containers, or name a Linux engine in DOCKER_HOST.' });
  }
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
