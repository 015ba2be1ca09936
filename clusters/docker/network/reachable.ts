import { connect } from 'node:net';
import type { Endpoint } from '../../../src/index.js';

const CONNECT_MS = 700;

/** Whether the way to an address is open: somebody answers or refuses there, rather than nobody at all. */
export function isReachable(endpoint: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...endpoint, timeout: CONNECT_MS });
    const done = (reachable: boolean): void => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED'));
  });
}
