import { describe, expect, it } from 'vitest';
import { directEndpoints, publishedEndpoints, publishedPorts } from './ports.js';

const ports = new Map([['client', 7001], ['peer', 7002], ['metrics', 7003]]);

describe('the ports of a node that are published', () => {
  it('are those of clients, to this machine alone where the engine is on it', () => {
    expect(publishedPorts({ ports, peerPorts: ['peer'], index: 1, host: undefined })).toEqual({ ports: new Map([[7001, 0], [7003, 0]]), host: '127.0.0.1' });
    expect(publishedPorts({ ports, peerPorts: ['peer'], index: 0, host: 'big.example' }).host).toBe('0.0.0.0');
  });

  it('are consecutive, node after node', () => {
    const numbers = [0, 1].flatMap((index) => [...publishedPorts({ ports, peerPorts: ['peer'], index, host: undefined, basePort: 9000 }).ports.values()]);
    expect(numbers).toEqual([9000, 9001, 9002, 9003]);
  });

  it('are the peers\' where there are no others', () => {
    expect([...publishedPorts({ ports: new Map([['all', 7001]]), peerPorts: ['all'], index: 0, host: undefined }).ports.keys()]).toEqual([7001]);
  });

  it('are where clients find the node, if not at its own address', () => {
    expect(publishedEndpoints('127.0.0.1', ports, new Map([[7001, 32_768]]))).toEqual(new Map([['client', { host: '127.0.0.1', port: 32_768 }]]));
    expect([...directEndpoints('10.0.0.2', ports).values()]).toContainEqual({ host: '10.0.0.2', port: 7002 });
  });
});
