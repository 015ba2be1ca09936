import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { build } from 'vite';
import { clockSupport, faketimeLeftovers, forgetFaketime } from './clock.js';
import { localProvider } from './index.js';
import { LEDGER_FILE, readLedger } from './ledger.js';
import { groupMembers, listProcesses } from './process-table.js';
import { Folder, freshRunId, nodeAt, PROGRAM, provisionTest, startProgram } from './testing/cluster.js';
import { eventually } from './testing/sockets.js';

const CONTROLLER = fileURLToPath(new URL('testing/controller.ts', import.meta.url));

let programs: Folder;
let results: Folder;
let controller: ChildProcess | undefined;

beforeAll(async () => {
  programs = await Folder.make();
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: { ssr: CONTROLLER, outDir: programs.path, emptyOutDir: false, target: 'node20', rollupOptions: { output: { entryFileNames: 'controller.mjs' } } },
  });
});

afterAll(async () => {
  await programs[Symbol.asyncDispose]();
});

beforeEach(async () => {
  results = await Folder.make();
});

afterEach(async () => {
  controller?.kill('SIGKILL');
  await localProvider.clean({ dryRun: false, resultsDir: results.path });
  await results[Symbol.asyncDispose]();
});

interface Controller {
  readonly process: ChildProcess;
  readonly runId: string;
  /** The groups of its two nodes, the second paused; each has a child. */
  readonly groups: readonly number[];
  readonly ended: Promise<number | string | null>;
}

/** Starts a controller and waits until its cluster is up. */
async function start(end: 'wait' | 'exit' | 'throw', mode: 'family' | 'clock' = 'family'): Promise<Controller> {
  const runId = freshRunId();
  const runDir = join(results.path, 'suite', runId);
  const child = spawn(process.execPath, [join(programs.path, 'controller.mjs'), runDir, runId, PROGRAM, end, mode], { stdio: ['ignore', 'pipe', 'ignore'] });
  controller = child;
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const ended = new Promise<number | string | null>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  await eventually('the cluster', () => said.includes('started'));
  const groups = readLedger(join(runDir, LEDGER_FILE)).flatMap((resource) => (resource.kind === 'process' ? [resource.pgid] : []));
  expect(groups).toHaveLength(2);
  return { process: child, runId, groups, ended };
}

function living(groups: readonly number[]): readonly number[] {
  return groups.filter((pgid) => groupMembers(pgid).length > 0);
}

describe('no process of a node outlives its controller, when that', () => {
  it('exits', async () => {
    const { groups, ended } = await start('exit');
    expect(await ended).toBe(3);
    await eventually('the end of all', () => living(groups).length === 0);
  });

  it('throws', async () => {
    const { groups, ended } = await start('throw');
    expect(await ended).toBe(1);
    await eventually('the end of all', () => living(groups).length === 0);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('gets a %s that it does not handle', async (signal) => {
    const { process: child, groups, ended } = await start('wait');
    expect(living(groups)).toEqual(groups);
    child.kill(signal);
    expect(await ended).toBe(signal);
    await eventually('the end of all', () => living(groups).length === 0);
  });
});

describe('clean', () => {
  it('removes what a killed controller left, paused processes and children too, and says so', async () => {
    const { process: child, runId, groups, ended } = await start('wait');
    child.kill('SIGKILL');
    await ended;
    expect(living(groups)).toEqual(groups);
    const plan = await localProvider.clean({ dryRun: true, runId });
    expect(living(groups)).toEqual(groups);
    expect(plan.filter((line) => line.startsWith('would kill process'))).toHaveLength(4);
    expect(plan.join('\n')).toContain(`of n2, run ${runId}: ${process.execPath} ${PROGRAM} family`);
    expect(await localProvider.clean({ dryRun: false, runId: 'another' })).toEqual([]);
    const lines = await localProvider.clean({ dryRun: false, runId });
    expect(lines.every((line) => line.startsWith('killed process'))).toBe(true);
    expect(living(groups)).toEqual([]);
    expect(listProcesses().filter((info) => info.state !== 'dead' && groups.includes(info.pgid))).toEqual([]);
    expect(await localProvider.clean({ dryRun: false, runId, resultsDir: results.path })).toEqual([]);
  });

  it.skipIf(!clockSupport().ok)(`removes the shared memory of clocks that were set${clockSupport().ok ? '' : ' (skipped: no libfaketime)'}`, async () => {
    const members = ({ groups }: Controller): readonly number[] => groups.flatMap((pgid) => groupMembers(pgid).map(({ pid }) => pid));
    const left = (pids: readonly number[]): number => pids.flatMap(faketimeLeftovers).length;
    const killed = await start('wait', 'clock');
    const orphans = members(killed);
    // The second node may have been paused before its child had any.
    await eventually('what they have', () => left(orphans) >= 6);
    expect(left(killed.groups)).toBe(4);
    killed.process.kill('SIGKILL');
    await killed.ended;
    await localProvider.clean({ dryRun: false, runId: killed.runId });
    expect(left(orphans)).toBe(0);

    const stopped = await start('wait', 'clock');
    const ended = members(stopped);
    stopped.process.kill('SIGINT');
    await stopped.ended;
    await eventually('the end of all', () => living(stopped.groups).length === 0);
    const words = (line: string): boolean => /the shared memory of process \d+ of n[12], run .*, which has ended/.test(line);
    expect((await localProvider.clean({ dryRun: true, runId: stopped.runId, resultsDir: results.path })).filter(words)).toHaveLength(2);
    expect(left(stopped.groups)).toBe(4);
    expect((await localProvider.clean({ dryRun: false, runId: stopped.runId, resultsDir: results.path })).filter(words)).toHaveLength(2);
    expect(left(stopped.groups)).toBe(0);
    // No list names the children of programs.
    ended.forEach(forgetFaketime);
  });

  it('does not touch runs whose controller lives', async () => {
    const other = await start('wait');
    await using folder = await Folder.make();
    await using own = await provisionTest(folder.path, 1);
    await startProgram(nodeAt(own, 0), 'serve');
    const lines = await localProvider.clean({ dryRun: false, resultsDir: results.path });
    expect(lines.filter((line) => line.includes(other.runId))).toEqual([]);
    expect(living(other.groups)).toEqual(other.groups);
    expect(await nodeAt(own, 0).state()).toBe('running');
  });
});
