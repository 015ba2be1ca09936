import { FaultlineError, messageOf } from '../../../src/index.js';
import { describeAddress, type EngineAddress } from './address.js';

/** FaultlineError `engine-down`: which address was tried, why it did not answer, and what to do about it. */
export function engineDown(address: EngineAddress, error: unknown): FaultlineError {
  const [why, hint] = reasonAndRemedy(address, error);
  return new FaultlineError('engine-down', `No Docker engine answers at ${describeAddress(address)} (${address.source}): ${why}`, { hint, cause: error });
}

/** The error of a wait that reached its limit. */
export class NoAnswer extends Error {
  constructor(readonly ms: number) {
    super(`no answer within ${ms / 1000} s`);
  }
}

const START = 'Start the engine (on Debian: `apt-get install docker.io`, then `systemctl start docker` or `dockerd` in the background), or name another in DOCKER_HOST.';

function reasonAndRemedy(address: EngineAddress, error: unknown): readonly [string, string] {
  if (error instanceof NoAnswer) return [error.message, address.kind === 'socket' ? 'The engine hangs or something else listens there: look at its log, or start it again.' : 'Is the host up, and does its firewall let the port through?'];
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const message = messageOf(error);
  if (address.kind === 'ssh') return sshReason(code, message);
  switch (code) {
    case 'ENOENT':
      return ['ENOENT: there is no such socket', START];
    case 'ENOTSOCK':
      return ['ENOTSOCK: this file is no socket', START];
    case 'EACCES':
    case 'EPERM':
      return [`${code}: this user may not use the socket`, 'Add the user to the group of the socket (`sudo usermod -aG docker $USER`, then log in anew), or run as root.'];
    case 'ECONNREFUSED':
      return ['ECONNREFUSED: nothing listens there', address.kind === 'socket' ? `The engine is not running. ${START}` : 'Is the engine running, and told to listen on that port (`dockerd -H tcp://...`)?'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`${code}: the host's name is not known`, 'Check the name in DOCKER_HOST.'];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return [`${code}: the host cannot be reached`, 'Is the host up, and is there a route to it?'];
  }
  if (address.kind === 'tcp' && isTls(code, message)) return [`TLS: ${message}`, tlsRemedy(address.tls !== undefined)];
  if (address.kind === 'tcp' && address.tls === undefined && /HTTPS server|socket hang up|Parse Error/.test(message)) return [message, 'Something listens there but does not speak plain HTTP. An engine with TLS needs DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.'];
  return [message.trim(), 'Does `docker version` work with the same DOCKER_HOST?'];
}

function isTls(code: unknown, message: string): boolean {
  return (typeof code === 'string' && /^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(code)) || /certificate|SSL routines|PEM/.test(message) || (code === 'ECONNRESET' && /TLS/.test(message));
}

function tlsRemedy(used: boolean): string {
  return used ? 'Do ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH belong to this engine, is its certificate made out for this host, and does the port speak TLS?' : 'Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.';
}

function sshReason(code: unknown, message: string): readonly [string, string] {
  if (code === 'ENOENT') return ['there is no ssh command on this machine', 'Install it (on Debian: `apt-get install openssh-client`).'];
  const remedy = /Permission denied/.test(message)
    ? 'The host takes none of your keys: `ssh-add` the right one. Nothing is asked during a run.'
    : /verification failed/i.test(message)
      ? 'The host is not known or its key changed: connect with ssh once by hand.'
      : /docker/.test(message)
        ? 'The docker command is needed on the host, and that user must be allowed to use it.'
        : 'Does `ssh` with the same user, host and port work by hand, without a question?';
  return [message.trim(), remedy];
}
