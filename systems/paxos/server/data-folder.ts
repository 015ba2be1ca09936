import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readlinkSync, renameSync, statSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SERVER_EXIT, ServerError } from './failure.js';
import { syncFolder } from './wal.js';

const identitySchema = z.strictObject({ format: z.literal(1), cluster: z.string(), node: z.int().min(1), incarnation: z.int().min(1) });

/** Who the data belongs to. `incarnation` counts the starts: no two lives of a node are taken for one. */
export type Identity = z.infer<typeof identitySchema>;

/** A node's data folder, held by this process. */
export interface DataFolder {
  readonly identity: Identity;
  readonly walPath: string;
  /** Lets go of the lock. */
  release(): void;
}

/**
 * Makes or opens the folder of a node, locks it against a second process, and counts the start. Throws ServerError: the folder belongs to another
 * node or cluster, is in use, has lost its log, or cannot be written.
 */
export function openDataFolder(path: string, cluster: string, node: number): DataFolder {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new ServerError(SERVER_EXIT.io, `--data ${path} cannot be made: ${(error as Error).message}`);
  }
  const release = lock(join(path, 'lock'));
  try {
    const walPath = join(path, 'log.wal');
    const identity = nextLife(path, cluster, node, existsSync(walPath) ? statSync(walPath).size : undefined);
    return { identity, walPath, release };
  } catch (error) {
    release();
    throw error;
  }
}

function nextLife(path: string, cluster: string, node: number, logBytes: number | undefined): Identity {
  const file = join(path, 'identity.json');
  const before = existsSync(file) ? readIdentity(file) : undefined;
  if (before !== undefined && (before.cluster !== cluster || before.node !== node)) {
    throw new ServerError(SERVER_EXIT.config, `${path} belongs to node ${before.node} of cluster ${before.cluster}, not to node ${node} of cluster ${cluster}: give each node a folder of its own.`);
  }
  if (before === undefined && logBytes !== undefined && logBytes > 0) throw new ServerError(SERVER_EXIT.data, `${path} has a log but no identity.json: part of it was lost. Replace this node by a new one with an empty disk and a new id.`);
  if (before !== undefined && logBytes === undefined) throw new ServerError(SERVER_EXIT.data, `${path} has lost its log: this node may have forgotten what it promised, and must not vote. Replace it by a new node with an empty disk and a new id.`);
  const identity: Identity = { format: 1, cluster, node, incarnation: (before?.incarnation ?? 0) + 1 };
  // The log exists before the identity does, so that a crash between the two is not taken for a lost log.
  if (logBytes === undefined) closeSync(openSync(join(path, 'log.wal'), 'a'));
  replaceDurably(file, `${JSON.stringify(identity)}\n`);
  syncFolder(path);
  return identity;
}

function readIdentity(file: string): Identity {
  try {
    return identitySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new ServerError(SERVER_EXIT.data, `${file} cannot be understood: it is damaged, or from another version. Replace this node by a new one with an empty disk and a new id.`);
  }
}

function replaceDurably(file: string, text: string): void {
  const temporary = `${file}.tmp`;
  const handle = openSync(temporary, 'w');
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}

/** A symbolic link whose target is the holder's process id: made in one step, and left behind harmlessly by a killed process. */
function lock(path: string): () => void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      symlinkSync(String(process.pid), path);
      return () => unlinkQuietly(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new ServerError(SERVER_EXIT.io, `cannot lock ${path}: ${(error as Error).message}`);
    }
    const holder = Number(readlinkSync(path));
    if (holder !== process.pid && isAlive(holder)) throw new ServerError(SERVER_EXIT.config, `${path}: process ${holder} uses this data folder. Stop it, or give --data another folder.`);
    unlinkQuietly(path);
  }
  throw new ServerError(SERVER_EXIT.io, `cannot lock ${path}: another process is starting on it`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // The id may have gone to somebody else since: only a node holds such a lock.
    return !existsSync('/proc/self') || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('paxos');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already.
  }
}
