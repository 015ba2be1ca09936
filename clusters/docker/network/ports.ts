import type { Endpoint } from '../../../src/index.js';

/** What is published of a node: container port -> port of the engine's host, 0 for a free one; and the address of the host that it listens on. */
export interface PublishedPorts {
  readonly ports: ReadonlyMap<number, number>;
  readonly host: string;
}

/**
 * The ports of a node that clients use, and no others: what peers say to each other is often not authenticated, and reaches them on the run's own network. Where all
 * ports are the peers', clients use those. They are open to this machine alone where the engine is on it (`host` undefined), to everybody otherwise. With `basePort`
 * they are consecutive, node after node.
 */
export function publishedPorts({ ports, peerPorts, index, host, basePort }: { readonly ports: ReadonlyMap<string, number>; readonly peerPorts: readonly string[]; readonly index: number; readonly host: string | undefined; readonly basePort?: number }): PublishedPorts {
  const own = [...ports].filter(([name]) => !peerPorts.includes(name));
  const chosen = (own.length === 0 ? [...ports] : own).map(([, port]) => port);
  return {
    ports: new Map(chosen.map((port, k) => [port, basePort === undefined ? 0 : basePort + index * chosen.length + k])),
    host: host === undefined ? '127.0.0.1' : '0.0.0.0',
  };
}

/** Where a node is reached at its own address: all its ports. */
export function directEndpoints(address: string, ports: ReadonlyMap<string, number>): ReadonlyMap<string, Endpoint> {
  return new Map([...ports].map(([name, port]) => [name, { host: address, port }]));
}

/** Where it is reached on the engine's host: its published ports. */
export function publishedEndpoints(host: string, ports: ReadonlyMap<string, number>, published: ReadonlyMap<number, number>): ReadonlyMap<string, Endpoint> {
  return new Map([...ports].flatMap(([name, port]) => {
    const outside = published.get(port);
    return outside === undefined ? [] : [[name, { host, port: outside }] as const];
  }));
}
