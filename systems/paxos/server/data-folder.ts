import { dirname, join, resolve } from 'node:path';
import type { FileSystem } from '../../../src/index.js';
import { DurableCopy } from './durable-copy.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { FILES, listData, pieceName } from './files.js';
import { identityText, readIdentity, type Identity } from './identity.js';
import { replaceDurably } from './sync.js';

const REPLACE = 'Replace this node by a new one with an empty disk and a new id.';

/** What a data folder is kept with. */
export interface DataFolderTools {
  readonly files: FileSystem;
  /** Takes a lock at a path, and gives what releases it. Throws ServerError: another process holds it. */
  readonly lock: (path: string) => () => void;
}

/** A node's data folder, held by this process. */
export interface DataFolder {
  readonly files: FileSystem;
  readonly identity: Identity;
  readonly path: string;
  /** What a power failure would leave of it, if that is kept. */
  readonly copy: DurableCopy | undefined;
  /** Lets go of the lock. */
  release(): void;
}

/**
 * Makes the folder of a new node: who it is, and an empty log, all of it durable. Done once in the life of a node: a start on a folder that does not say whose it is
 * is refused, since nobody could tell a new node from one that has lost its disk. Throws ServerError: the folder is in use or taken, or cannot be written.
 */
export function initDataFolder({ files, lock }: DataFolderTools, path: string, cluster: string, node: number): void {
  try {
    makeDurably(files, resolve(path));
  } catch (error) {
    throw new ServerError(SERVER_EXIT.io, `--data ${path} cannot be made: ${(error as Error).message}`);
  }
  const release = lock(join(path, 'lock'));
  try {
    if (hasIdentity(files, path)) throw new ServerError(SERVER_EXIT.config, `${path} is the folder of a node already: start it without init, or give --data another folder.`);
    if (hasLog(files, path)) throw new ServerError(SERVER_EXIT.data, `${path} has a log but no ${FILES.identity}: part of it was lost. ${REPLACE}`);
    files.open(join(path, pieceName(0)), 'a').close();
    // The identity last: with it the folder is complete, and nobody makes it again.
    replaceDurably(files, join(path, FILES.identity), Buffer.from(identityText({ cluster, node, incarnation: 0 })));
    files.syncFolder(path);
  } finally {
    release();
  }
}

/**
 * Opens the folder of a node, locks it against a second process, and counts the start. `copyFolder`: where to keep what a power failure would leave. Throws ServerError: the folder
 * is no node's or another's, is in use, has lost its log, is damaged, or cannot be written.
 */
export function openDataFolder({ files, lock }: DataFolderTools, path: string, cluster: string, node: number, copyFolder?: string): DataFolder {
  if (!hasIdentity(files, path)) throw new ServerError(SERVER_EXIT.data, noIdentity(files, path));
  const release = lock(join(path, 'lock'));
  try {
    const before = readIdentity(files, join(path, FILES.identity));
    if (before.cluster !== cluster || before.node !== node) {
      throw new ServerError(SERVER_EXIT.config, `${path} belongs to node ${before.node} of cluster ${before.cluster}, not to node ${node} of cluster ${cluster}: give each node a folder of its own.`);
    }
    if (listData(files, path).pieces.length === 0) throw new ServerError(SERVER_EXIT.data, `${path} has lost its log: this node may have forgotten what it promised, and must not vote. ${REPLACE}`);
    const copy = copyFolder === undefined ? undefined : DurableCopy.open(copyFolder, path);
    const identity: Identity = { cluster, node, incarnation: before.incarnation + 1 };
    replaceDurably(files, join(path, FILES.identity), Buffer.from(identityText(identity)));
    files.syncFolder(path);
    copy?.identity(identityText(identity));
    return { files, identity, path, copy, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Whether a folder says whose it is. */
export function hasIdentity(files: FileSystem, path: string): boolean {
  return files.exists(join(path, FILES.identity));
}

/** Whose data a folder holds. Throws ServerError. */
export function nodeIn(files: FileSystem, path: string): number {
  if (!hasIdentity(files, path)) throw new ServerError(SERVER_EXIT.data, noIdentity(files, path));
  return readIdentity(files, join(path, FILES.identity)).node;
}

function noIdentity(files: FileSystem, path: string): string {
  if (files.exists(path) && hasLog(files, path)) return `${path} has a log but no ${FILES.identity}: part of it was lost. ${REPLACE}`;
  return `${path} has no ${FILES.identity}: this node has lost its disk or was never initialised. A new node is made by "paxos-server init"; one that was there before may have forgotten what it promised: replace it by a new one with a new id.`;
}

function hasLog(files: FileSystem, path: string): boolean {
  return listData(files, path).pieces.some((piece) => files.size(join(path, pieceName(piece))) > 0);
}

/** Makes a folder, and those above it that are missing, each durable before the next: what an attempt that was cut short has made last is made durable by the next. */
function makeDurably(files: FileSystem, path: string): void {
  const above = dirname(path);
  if (!files.exists(path)) {
    makeDurably(files, above);
    files.makeFolder(path);
  }
  files.syncFolder(above);
}
