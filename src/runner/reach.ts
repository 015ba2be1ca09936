import { connect } from 'node:net';
import type { Endpoint } from '../control/cluster.js';

const CONNECT_MS = 1000;

/** Why nobody can be reached at an address, in words; undefined: somebody takes connections there. */
export function whyUnreachable(endpoint: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...endpoint, timeout: CONNECT_MS });
    const done = (why?: string): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => done());
    socket.once('timeout', () => done(`nothing came back within ${CONNECT_MS / 1000} s`));
    socket.once('error', (error) => done(error.message));
  });
}
