import { expect, it } from 'vitest';
import { DISK_MODEL, SimDisk } from '../../../clusters/sim/disk/index.js';
import { TestMachine } from '../../../clusters/sim/disk/testing/machine.js';
import { messageOf, Random, type FileSystem } from '../../../src/index.js';
import { initDataFolder, openDataFolder } from './data-folder.js';
import { Storage } from './storage.js';
import { Fuse } from './testing/fuse.js';

const FOLDER = '/there/not/yet';
const lock = (): (() => void) => () => undefined;
const nothing = (): void => undefined;

function init(files: FileSystem): void {
  try {
    initDataFolder({ files, lock }, FOLDER, 'c', 1);
  } catch (error) {
    // The attempt before came far enough.
    if (!/is the folder of a node already/.test(messageOf(error))) throw error;
  }
}

function start(files: FileSystem): void {
  openDataFolder({ files, lock }, FOLDER, 'c', 1);
  Storage.open(FOLDER, { files, sleep: () => new Promise(nothing), sync: true, copy: undefined, bugs: [], onDurable: nothing, onSnapshot: nothing, onFull: nothing, onFailure: nothing, onWarning: nothing });
}

/** Makes a node and starts it, as far as the fuse goes; whether it went to the end. */
function begin(files: FileSystem, fuse: Fuse): boolean {
  try {
    init(fuse.on(files));
    start(fuse.on(files));
    return true;
  } catch (error) {
    if (!fuse.blown) throw error;
    return false;
  }
}

it.each(['a kill', 'a power cut'])('a node whose making and first start end at any call, by %s, is made and started all the same, and is there to stay', (end) => {
  let [calls, whole] = [0, false];
  for (; !whole; calls++) {
    for (let seed = 0; seed < 30; seed++) {
      const [machine, random] = [new TestMachine(), Random.fromSeed(seed)];
      const disk = new SimDisk({ node: 'n1', folder: FOLDER, model: DISK_MODEL, random: random.fork('disk') });
      whole = begin(disk.mount(machine.begin()), new Fuse(calls));
      if (end === 'a power cut') disk.powerCut(random.fork('first'));
      expect(begin(disk.mount(machine.begin()), new Fuse(Infinity))).toBe(true);
      disk.powerCut(random.fork('second'));
      expect(() => start(disk.mount(machine.begin()))).not.toThrow();
    }
  }
  expect(calls).toBeGreaterThan(20);
});
