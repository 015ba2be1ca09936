// The program of the tests' nodes. argv: what to do.
//   serve PORT          answers `pong` to every connection
//   family PORT         the same, with a child of its own; prints the child's pid
//   die CODE            says something and ends
//   deaf PORT           serves, and heeds no SIGTERM
//   clock PORT          answers what its clocks show, wall and monotonic, milliseconds; has a child that shares nothing with it; prints the child's pid
//   sync PORT           the same as serve; appends to a file in its folder again and again, and prints how long each fsync took; ends when one fails
import { spawn } from 'node:child_process';
import console from 'node:console';
import { appendFileSync, fdatasync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers';

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
if (what === 'clock') {
  const environment = { ...process.env };
  delete environment.FAKETIME_SHARED;
  console.log(`child ${spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', env: environment }).pid}`);
}
if (what === 'sync') {
  const file = openSync('synced', 'a');
  const again = () => {
    appendFileSync('synced', 'x');
    const began = performance.now();
    fdatasync(file, (error) => {
      console.log(error === null ? `fsync ${Math.round(performance.now() - began)}` : `failed ${error.code}`);
      if (error !== null) process.exit(3);
      setTimeout(again, 5);
    });
  };
  again();
}
if (what === 'deaf') process.on('SIGTERM', () => console.log('what?'));
console.log(`run ${process.env.FAULTLINE_RUN} node ${process.env.FAULTLINE_NODE} extra ${process.env.EXTRA} home ${process.env.HOME} secret ${process.env.SECRET}`);
createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(what === 'clock' ? `${Date.now()} ${performance.now()}\n` : 'pong'));
}).listen({ host: '127.0.0.1', port: Number(argument) }, () => console.log('ready'));
