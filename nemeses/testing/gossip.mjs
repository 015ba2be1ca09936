// A node of the nemeses' tests: listens on PORT and sends every peer (further arguments: ports) a byte every few milliseconds,
// over a connection that it dials again whenever it is broken.
import { connect, createServer } from 'node:net';
import process from 'node:process';
import { clearInterval, setInterval, setTimeout } from 'node:timers';

const [port, ...peers] = process.argv.slice(2).map(Number);
createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => {});
}).listen({ host: '127.0.0.1', port });

function talk(peer) {
  const socket = connect({ host: '127.0.0.1', port: peer });
  const timer = setInterval(() => {
    if (socket.writableLength === 0) socket.write('.');
  }, 5);
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(timer);
    setTimeout(talk, 20, peer);
  });
}
for (const peer of peers) talk(peer);
