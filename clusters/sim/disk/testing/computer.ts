import { Random, type FileSystem, type OpenFile } from '../../../../src/index.js';
import { DISK_MODEL, SimDisk, type DiskModel } from '../index.js';
import { TestMachine, type TestLife } from './machine.js';

export const FOLDER = '/data';

/** A disk with an empty, durable data folder, and a program on it. */
export class Computer {
  readonly machine = new TestMachine();
  readonly disk: SimDisk;
  life: TestLife;
  files: FileSystem;

  constructor(seed: number, model: Partial<DiskModel> = {}) {
    this.disk = new SimDisk({ node: 'n1', folder: FOLDER, model: { ...DISK_MODEL, ...model }, random: Random.fromSeed(seed) });
    this.life = this.machine.begin();
    this.files = this.disk.mount(this.life);
    this.files.makeFolder(FOLDER);
    this.files.syncFolder('/');
  }

  restart(): void {
    this.life.end();
    this.life = this.machine.begin();
    this.files = this.disk.mount(this.life);
  }

  cut(seed: number): string {
    this.life.end();
    const words = this.disk.powerCut(Random.fromSeed(seed));
    this.restart();
    return words;
  }

  /** What a program reads. */
  content(): ReadonlyMap<string, Buffer> {
    return new Map(this.files.list(FOLDER).map((name) => [name, this.files.read(`${FOLDER}/${name}`)]));
  }

  put(name: string, text: string): OpenFile {
    const file = this.files.open(`${FOLDER}/${name}`, 'w');
    file.write(Buffer.from(text));
    return file;
  }

  /** With all that has been written so far durable. */
  durable(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = this.put(name, text);
      file.sync();
      file.close();
    }
    this.files.syncFolder(FOLDER);
  }

  text(name: string): string {
    return this.files.read(`${FOLDER}/${name}`).toString();
  }
}
