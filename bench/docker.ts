import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerProvider } from '../clusters/docker/index.js';
import { engineObstacle } from '../clusters/docker/testing/engine.js';
import { Random, realClock, type LinkFault } from '../src/index.js';

const NODES = 5;
const CHANGES = 100;

/** How long five nodes on a Docker engine take to be made and removed, and a partition of all of them to be in force. Images are built before. */
export async function benchDocker(print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Promise<void> {
  const obstacle = await engineObstacle();
  if (obstacle !== undefined) return print(`Docker: skipped: ${obstacle}`);
  const runDir = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const runId = `bench-${process.pid}`;
  const signal = new AbortController().signal;
  try {
    await dockerProvider.examine({ nodeCount: NODES, prepare: print, signal });
    const began = performance.now();
    const cluster = await dockerProvider.provision({ runId, nodeCount: NODES, ports: ['client', 'peer'], peerPorts: ['peer'], runDir, clock: realClock(), random: Random.fromSeed(1), needs: ['clock', 'links'], log: () => undefined, signal });
    const made = performance.now();
    const names = cluster.nodes.map(({ name }) => name);
    const grudge = (drop: 'stall' | 'reset'): readonly LinkFault[] => names.flatMap((from, i) => names.flatMap((to, j) => (i !== j && i < 2 !== j < 2 ? [{ from, to, drop }] : [])));
    const taken: number[] = [];
    for (let i = 0; i < CHANGES; i++) {
      const { interval } = await cluster.net.apply('bench', i % 3 === 2 ? [] : grudge(i % 3 === 0 ? 'stall' : 'reset'));
      taken.push((interval[1] - interval[0]) / 1e6);
    }
    const removing = performance.now();
    await cluster[Symbol.asyncDispose]();
    const removed = performance.now();
    taken.sort((a, b) => a - b);
    const quantile = (q: number): string => (taken[Math.min(taken.length - 1, Math.floor(q * taken.length))] ?? NaN).toFixed(1);
    print(`Docker: ${NODES} nodes made in ${((made - began) / 1000).toFixed(1)} s, removed in ${((removed - removing) / 1000).toFixed(1)} s`);
    print(`a change of the cuts between all of them, ${CHANGES} times: p50 ${quantile(0.5)} ms, p90 ${quantile(0.9)} ms, longest ${quantile(1)} ms`);
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
}
