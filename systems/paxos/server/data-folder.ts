import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DurableCopy } from './durable-copy.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { FILES, listData, pieceName } from './files.js';
import { identityText, readIdentity, type Identity } from './identity.js';
import { lock } from './lock.js';
import { syncFolder } from './sync.js';

const REPLACE = 'Replace this node by a new one with an empty disk and a new id.';

/** A node's data folder, held by this process. */
export interface DataFolder {
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
export function initDataFolder(path: string, cluster: string, node: number): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new ServerError(SERVER_EXIT.io, `--data ${path} cannot be made: ${(error as Error).message}`);
  }
  const release = lock(join(path, 'lock'));
  try {
    if (existsSync(join(path, FILES.identity))) throw new ServerError(SERVER_EXIT.config, `${path} is the folder of a node already: start it without init, or give --data another folder.`);
    if (hasLog(path)) throw new ServerError(SERVER_EXIT.data, `${path} has a log but no ${FILES.identity}: part of it was lost. ${REPLACE}`);
    closeSync(openSync(join(path, pieceName(0)), 'a'));
    // The identity last: with it the folder is complete.
    replaceDurably(join(path, FILES.identity), identityText({ cluster, node, incarnation: 0 }));
    syncFolder(path);
    syncFolder(dirname(resolve(path)));
  } finally {
    release();
  }
}

/**
 * Opens the folder of a node, locks it against a second process, and counts the start. `copyFolder`: where to keep what a power failure would leave. Throws ServerError: the folder
 * is no node's or another's, is in use, has lost its log, is damaged, or cannot be written.
 */
export function openDataFolder(path: string, cluster: string, node: number, copyFolder?: string): DataFolder {
  if (!existsSync(join(path, FILES.identity))) throw new ServerError(SERVER_EXIT.data, noIdentity(path));
  const release = lock(join(path, 'lock'));
  try {
    const before = readIdentity(join(path, FILES.identity));
    if (before.cluster !== cluster || before.node !== node) {
      throw new ServerError(SERVER_EXIT.config, `${path} belongs to node ${before.node} of cluster ${before.cluster}, not to node ${node} of cluster ${cluster}: give each node a folder of its own.`);
    }
    if (listData(path).pieces.length === 0) throw new ServerError(SERVER_EXIT.data, `${path} has lost its log: this node may have forgotten what it promised, and must not vote. ${REPLACE}`);
    const copy = copyFolder === undefined ? undefined : DurableCopy.open(copyFolder, path);
    const identity: Identity = { cluster, node, incarnation: before.incarnation + 1 };
    replaceDurably(join(path, FILES.identity), identityText(identity));
    syncFolder(path);
    copy?.identity(identityText(identity));
    return { identity, path, copy, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Whether a folder says whose it is. */
export function hasIdentity(path: string): boolean {
  return existsSync(join(path, FILES.identity));
}

/** Whose data a folder holds. Throws ServerError. */
export function nodeIn(path: string): number {
  if (!existsSync(join(path, FILES.identity))) throw new ServerError(SERVER_EXIT.data, noIdentity(path));
  return readIdentity(join(path, FILES.identity)).node;
}

function noIdentity(path: string): string {
  if (existsSync(path) && hasLog(path)) return `${path} has a log but no ${FILES.identity}: part of it was lost. ${REPLACE}`;
  return `${path} has no ${FILES.identity}: this node has lost its disk or was never initialised. A new node is made by "paxos-server init"; one that was there before may have forgotten what it promised: replace it by a new one with a new id.`;
}

function hasLog(path: string): boolean {
  return listData(path).pieces.some((piece) => statSync(join(path, pieceName(piece))).size > 0);
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
