import { appendFileSync, closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { FaultlineError, messageOf } from '../errors.js';
import { planSchema, resultsSchema, runSchema, type StoredPlan, type StoredResults, type StoredRun } from './schema.js';

/** Names of the files of a run. */
export const FILES = {
  run: 'run.json',
  plan: 'plan.json',
  history: 'history.ndjson',
  log: 'runner.log',
  results: 'results.json',
  report: 'report.html',
} as const;

export interface NewRun {
  /** The results folder. */
  readonly root: string;
  readonly suite: string;
  readonly seed: number;
  readonly started: Date;
}

/** The folder of one stored run. Files are made once and never replaced. */
export class RunFolder {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes `<root>/<suite>/<time>-<seed>/`, with a suffix if it is there already, and points `latest` at it. Throws FaultlineError `results-folder`. */
  static create({ root, suite, seed, started }: NewRun): RunFolder {
    const name = `${started.toISOString().replace(/[-:]/g, '').replace(/\.(\d+)Z$/, '.$1Z')}-${seed}`;
    try {
      mkdirSync(join(root, suite), { recursive: true });
      const dir = makeFresh(join(root, suite, name));
      pointLatest(root, dir);
      pointLatest(join(root, suite), dir);
      return new RunFolder(dir);
    } catch (error) {
      throw new FaultlineError('results-folder', `cannot make a folder for the run below ${root}: ${messageOf(error)}`, { kind: 'usage', hint: 'Give --results a folder that can be written.', cause: error });
    }
  }

  /** Opens the folder of a stored run; `results/latest` will do. Throws FaultlineError (usage) if it is none. */
  static open(path: string): RunFolder {
    const dir = resolve(path);
    if (!existsSync(join(dir, FILES.plan))) {
      throw new FaultlineError('no-run', `${path} is not the folder of a stored run: it has no ${FILES.plan}`, { kind: 'usage', hint: 'Give a folder below results/, or results/latest.' });
    }
    return new RunFolder(dir);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Writes a file that does not exist yet, whole or not at all. Throws FaultlineError `file-exists`, `store-write`. */
  write(name: string, text: string): void {
    const path = this.path(name);
    if (existsSync(path)) throw new FaultlineError('file-exists', `${path} exists already and is never overwritten`);
    const temporary = `${path}.tmp`;
    try {
      writeFileSync(temporary, text);
      const file = openSync(temporary, 'r');
      fsyncSync(file);
      closeSync(file);
      renameSync(temporary, path);
    } catch (error) {
      throw new FaultlineError('store-write', `cannot write ${path}: ${messageOf(error)}`, { cause: error, hint: 'Is the disk full?' });
    }
  }

  writeJson(name: string, value: unknown): void {
    this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Appends to the log of a node whose programs run in this process. */
  appendNodeLog(node: string, text: string): void {
    const folder = this.path(join('nodes', node, 'log'));
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, 'program.log'), text);
  }

  plan(): StoredPlan {
    return this.#read(FILES.plan, planSchema);
  }

  run(): StoredRun {
    return this.#read(FILES.run, runSchema);
  }

  results(): StoredResults {
    return this.#read(FILES.results, resultsSchema);
  }

  /** Removes the nodes' data folders. */
  dropData(): void {
    const nodes = this.path('nodes');
    if (!existsSync(nodes)) return;
    for (const name of readdirSync(nodes)) rmSync(join(nodes, name, 'data'), { recursive: true, force: true });
  }

  #read<T extends z.ZodType>(name: string, schema: T): z.infer<T> {
    const path = this.path(name);
    let json: unknown;
    try {
      json = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new FaultlineError('stored-file', `${path} cannot be read: ${messageOf(error)}`, { kind: 'usage', cause: error, hint: 'The run may have been cut short; its history can still be checked with --model.' });
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new FaultlineError('stored-file', `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`, { kind: 'usage', hint: 'Was it written by another version of faultline, or edited?' });
  }
}

/** The folders of all stored runs below a results folder, oldest first. */
export function listRuns(root: string): readonly RunFolder[] {
  const folders = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name)) : []);
  return folders(root)
    .flatMap(folders)
    .filter((dir) => existsSync(join(dir, FILES.plan)))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
    .map((dir) => RunFolder.open(dir));
}

function makeFresh(wanted: string): string {
  for (let suffix = 0; ; suffix++) {
    const dir = suffix === 0 ? wanted : `${wanted}-${suffix}`;
    try {
      mkdirSync(dir);
      return resolve(dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || suffix > 1000) throw error;
    }
  }
}

/** Switches a symbolic link in one step, so that a reader finds the old run or the new one. Something else of that name is left alone. */
function pointLatest(folder: string, dir: string): void {
  const link = join(folder, 'latest');
  if (existsSync(link) && !lstatSync(link).isSymbolicLink()) return;
  const target = relative(folder, dir);
  if (isLink(link) && readlinkSync(link) === target) return;
  const temporary = join(folder, `.latest-${basename(dir)}-${basename(dirname(dir))}`);
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
