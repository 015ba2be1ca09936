import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../src/index.js';
import { findProcess } from './process-table.js';

/** File in the run's folder that lists what was made for the run, one JSON line each, written when it was made. */
export const LEDGER_FILE = 'resources.ndjson';

/** Variables that every process of a run carries: they tell `clean` whose it is. */
export const RUN_VARIABLE = 'FAULTLINE_RUN';
export const NODE_VARIABLE = 'FAULTLINE_NODE';
/** `<pid>:<startTicks>` of the controller. */
export const CONTROLLER_VARIABLE = 'FAULTLINE_CONTROLLER';

const processName = { pid: z.int().positive(), startTicks: z.string() };

const resourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('controller'), runId: z.string(), ...processName }),
  z.object({ kind: z.literal('process'), runId: z.string(), node: z.string(), pgid: z.int().positive(), argv: z.array(z.string()), ...processName }),
]);

/** Something that was made for a run: its controller's own process, or a process group of a node. */
export type Resource = z.infer<typeof resourceSchema>;

/** A process, for ever: ids are used again, ids with their start are not. */
export interface ProcessName {
  readonly pid: number;
  readonly startTicks: string;
}

/** This process. */
export function selfName(): ProcessName {
  return { pid: process.pid, startTicks: findProcess(process.pid)?.startTicks ?? '' };
}

/** Whether that very process lives. */
export function isAlive(name: ProcessName): boolean {
  const found = findProcess(name.pid);
  return found !== undefined && found.state !== 'dead' && found.startTicks === name.startTicks;
}

export function formatName(name: ProcessName): string {
  return `${name.pid}:${name.startTicks}`;
}

/** Undefined for a text that is no such name. */
export function parseName(text: string): ProcessName | undefined {
  const [, pid, startTicks] = /^(\d+):(.+)$/.exec(text) ?? [];
  return pid === undefined || startTicks === undefined ? undefined : { pid: Number(pid), startTicks };
}

/** Notes a resource, on the disk before this returns. Throws FaultlineError `ledger`. */
export function noteResource(runDir: string, resource: Resource): void {
  const path = join(runDir, LEDGER_FILE);
  try {
    appendFileSync(path, `${JSON.stringify(resource)}\n`);
  } catch (cause) {
    throw new FaultlineError('ledger', `cannot write ${path}: ${(cause as Error).message}`, { hint: 'Free some space, or give --results a folder that can be written to.', cause });
  }
}

/** The resources of a run's folder; lines that are torn or not ours are left out, a missing file has none. */
export function readLedger(path: string): readonly Resource[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const parsed = resourceSchema.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
