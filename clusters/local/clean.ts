import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { realClock, waitUntil, type CleanOptions } from '../../src/index.js';
import { faketimeLeftovers, forgetFaketime } from './clock.js';
import { CONTROLLER_VARIABLE, isAlive, LEDGER_FILE, NODE_VARIABLE, parseName, readLedger, RUN_VARIABLE, type ProcessName } from './ledger.js';
import { commandOf, environmentOf, findProcess, listProcesses, signalGroup, signalProcess } from './process-table.js';

const GONE_MS = 5000;
/** results/<suite>/<run>/resources.ndjson */
const LEDGER_DEPTH = 2;

/** A process of a run whose controller is gone. */
interface Orphan extends ProcessName {
  readonly runId: string;
  readonly node: string;
}

/**
 * Kills the processes of runs whose controller is gone, paused ones too. A process is one of a run's if it carries the run's
 * id in its environment; a controller is gone if no process has its id and its start. What libfaketime left in shared memory of them, and of those that ended before,
 * is removed too. Returns a line for each process.
 */
export async function cleanLocal(options: CleanOptions): Promise<readonly string[]> {
  const found = [...orphansByEnvironment(), ...(options.resultsDir === undefined ? [] : orphansByLedger(options.resultsDir))];
  const orphans = new Map(found.filter((orphan) => options.runId === undefined || orphan.runId === options.runId).map((orphan) => [orphan.pid, orphan]));
  const lines: string[] = [];
  for (const orphan of orphans.values()) {
    const what = `process ${orphan.pid} of ${orphan.node}, run ${orphan.runId}: ${commandOf(orphan.pid)}`;
    const killed = !options.dryRun && (await kill(orphan));
    if (killed) forgetFaketime(orphan.pid);
    if (options.dryRun || killed) lines.push(`${options.dryRun ? 'would kill' : 'killed'} ${what}`);
    else options.onFailure?.(`could not kill ${what}`);
  }
  for (const { pid, node, runId } of options.resultsDir === undefined ? [] : endedByLedger(options.resultsDir)) {
    if ((options.runId !== undefined && runId !== options.runId) || faketimeLeftovers(pid).length === 0) continue;
    lines.push(`${options.dryRun ? 'would remove' : 'removed'} the shared memory of process ${pid} of ${node}, run ${runId}, which has ended`);
    if (!options.dryRun) forgetFaketime(pid);
  }
  return lines;
}

/** What the machine shows: every process inherits the variables of the one that started it. */
function orphansByEnvironment(): readonly Orphan[] {
  return listProcesses().flatMap((info) => {
    const runId = info.state === 'dead' ? undefined : environmentOf(info.pid, RUN_VARIABLE);
    const controller = runId === undefined ? undefined : parseName(environmentOf(info.pid, CONTROLLER_VARIABLE) ?? '');
    if (runId === undefined || controller === undefined || isAlive(controller)) return [];
    return [{ pid: info.pid, startTicks: info.startTicks, runId, node: environmentOf(info.pid, NODE_VARIABLE) ?? '?' }];
  });
}

/** What the runs' lists say, as far as it is still true of the machine. */
function orphansByLedger(resultsDir: string): readonly Orphan[] {
  return listedProcesses(resultsDir).filter((orphan) => isAlive(orphan) && environmentOf(orphan.pid, RUN_VARIABLE) === orphan.runId);
}

/** Processes that the runs' lists name and that are gone, unless another has the id by now. */
function endedByLedger(resultsDir: string): readonly Orphan[] {
  return listedProcesses(resultsDir).filter(({ pid }) => (findProcess(pid)?.state ?? 'dead') === 'dead');
}

/** The processes that the lists of runs without a controller name. */
function listedProcesses(resultsDir: string): readonly Orphan[] {
  return ledgersBelow(resultsDir, LEDGER_DEPTH).flatMap((path) => {
    const resources = readLedger(path);
    if (resources.some((resource) => resource.kind === 'controller' && isAlive(resource))) return [];
    return resources.flatMap((resource) => (resource.kind === 'process' ? [{ pid: resource.pid, startTicks: resource.startTicks, runId: resource.runId, node: resource.node }] : []));
  });
}

function ledgersBelow(folder: string, depth: number): readonly string[] {
  const own = join(folder, LEDGER_FILE);
  if (existsSync(own)) return [own];
  if (depth === 0 || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? ledgersBelow(join(folder, entry.name), depth - 1) : []));
}

/** The whole group if the process leads one. Says whether it is gone; it may have been so before. */
async function kill(orphan: Orphan): Promise<boolean> {
  if (!isAlive(orphan)) return true;
  if (findProcess(orphan.pid)?.pgid === orphan.pid) signalGroup(orphan.pid, 'SIGKILL');
  else signalProcess(orphan.pid, 'SIGKILL');
  return waitUntil('its end', () => !isAlive(orphan), { clock: realClock(), timeoutMs: GONE_MS, intervalMs: 5 }).catch(() => false);
}
