#!/usr/bin/env node
// The command's entry point. It is plain JavaScript so that it exists, with its execute bit, before the first build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`faultline needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(254);
}
const entry = new URL('../dist/bundle/faultline.js', import.meta.url);
if (!existsSync(fileURLToPath(entry))) {
  process.stderr.write('faultline is not built yet: run `npm ci` (or `npm run build`) in its folder first.\n');
  process.exit(254);
}
const { runProcess } = await import(entry.href);
await runProcess();
