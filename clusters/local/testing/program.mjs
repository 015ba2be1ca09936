// The program of the tests' nodes. argv: what to do.
//   serve PORT          answers `pong` to every connection
//   family PORT         the same, with a child of its own; prints the child's pid
//   die CODE            says something and ends
//   deaf PORT           serves, and heeds no SIGTERM
import { spawn } from 'node:child_process';
import console from 'node:console';
import { createServer } from 'node:net';
import process from 'node:process';

const [what, argument] = process.argv.slice(2);
process.stdin.resume();

if (what === 'die') {
  console.error('no such luck');
  process.exit(Number(argument));
}
if (what === 'family') {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  console.log(`child ${child.pid}`);
}
if (what === 'deaf') process.on('SIGTERM', () => console.log('what?'));
console.log(`run ${process.env.FAULTLINE_RUN} node ${process.env.FAULTLINE_NODE} extra ${process.env.EXTRA} home ${process.env.HOME} secret ${process.env.SECRET}`);
createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write('pong'));
}).listen({ host: '127.0.0.1', port: Number(argument) }, () => console.log('ready'));
