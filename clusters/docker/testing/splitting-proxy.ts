import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A way to an engine's socket that hands on the head of a request at once and its body a little later, in a packet of its own: as proxies may. */
export interface SplittingProxy extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly address: string;
}

const APART_MS = 50;

/** Listens on a free port of this machine, for the engine at `socketPath`. */
export async function splittingProxy(socketPath: string): Promise<SplittingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect(socketPath);
    for (const socket of [client, engine]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => engine.destroy());
    engine.pipe(client);
    // Either end may close at any time.
    handOn(client, engine).catch(() => engine.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handOn(client: Socket, engine: Socket): Promise<void> {
  for await (const chunk of client as AsyncIterable<Buffer>) {
    const end = chunk.indexOf('\r\n\r\n');
    const isAttach = chunk.toString('latin1').startsWith('POST ') && chunk.includes('/attach');
    if (!isAttach || end < 0) {
      engine.write(chunk);
      continue;
    }
    engine.write(chunk.subarray(0, end + 4));
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
    engine.write(chunk.subarray(end + 4));
  }
  engine.end();
}
