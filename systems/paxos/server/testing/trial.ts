import { DISK_MODEL, SimDisk } from '../../../../clusters/sim/disk/index.js';
import { TestMachine } from '../../../../clusters/sim/disk/testing/machine.js';
import { messageOf, Random, type DiskFault } from '../../../../src/index.js';
import { initDataFolder } from '../data-folder.js';
import { ServerError } from '../failure.js';
import { isFull } from '../space.js';
import { Fuse } from './fuse.js';
import { Ledger } from './ledger.js';
import { Lost, SimulatedLife, type Event } from './simulated-life.js';

const FOLDER = '/data';
const LIVES = 8;
/** So many things happen in a life at most. */
const EVENTS = 150;

export interface TrialOptions {
  readonly bugs?: readonly string[];
  readonly sync?: boolean;
  /** Power cuts end lives as well as kills, also in the middle of a start. */
  readonly power?: boolean;
  /** The disk is full, slow or fails at times. */
  readonly strains?: boolean;
  /** A bit of a file is changed, or a file cut, between two lives. */
  readonly damage?: boolean;
}

export interface Verdict {
  /** `crashed`: by something that is no ServerError. */
  readonly kind: 'kept' | 'refused' | 'lost' | 'crashed';
  readonly why: string;
  /** What has happened in it: a trial of nothing shows nothing. */
  readonly seen: ReadonlySet<Event>;
}

type Problem = Pick<Verdict, 'kind' | 'why'>;

/** Lets a node's storage live and die on a simulated disk, as a seed decides, until its last life or the first start that does not find all that it should. */
export async function trial(seed: number, options: TrialOptions): Promise<Verdict> {
  return new Trial(seed, options).run();
}

class Trial {
  readonly #options: TrialOptions;
  readonly #random: Random;
  readonly #machine = new TestMachine();
  readonly #disk: SimDisk;
  readonly #ledger = new Ledger();
  /** What ended the lives. */
  readonly #ends: string[] = [];
  readonly #strains: DiskFault[] = [];
  readonly #seen = new Set<Event>();
  #incarnation = 0;
  #damaged = false;

  constructor(seed: number, options: TrialOptions) {
    this.#options = options;
    this.#random = Random.fromSeed(seed);
    this.#disk = new SimDisk({ node: 'n1', folder: FOLDER, model: DISK_MODEL, random: this.#random.fork('disk') });
  }

  async run(): Promise<Verdict> {
    for (let life = 0; life < LIVES; life++) {
      const problem = await this.#live();
      if (problem !== undefined) return { ...problem, why: `${problem.why} (after: ${this.#ends.join('; ')})`, seen: this.#seen };
    }
    return { kind: 'kept', why: '', seen: this.#seen };
  }

  /** One life and its end. What is wrong, or undefined. */
  async #live(): Promise<Problem | undefined> {
    const random = this.#random.fork(`life ${this.#ends.length}`);
    const host = this.#machine.begin();
    const fuse = new Fuse(this.#options.power === true && random.float() < 0.4 ? random.int(40) : Infinity);
    const files = fuse.on(this.#disk.mount(host));
    // What came from elsewhere may go by damage: nobody counts on it.
    const { bugs = [], sync = true, damage = false } = this.#options;
    try {
      if (this.#incarnation === 0) this.#init(files);
      const life = new SimulatedLife({ files, folder: FOLDER, machine: this.#machine, host, ledger: this.#ledger, random, bugs, sync, learns: !damage, seen: (event) => this.#seen.add(event) });
      if (life.incarnation <= this.#incarnation) throw new Lost(`life ${life.incarnation} follows life ${this.#incarnation}`);
      this.#incarnation = life.incarnation;
      fuse.remove();
      life.work();
      await this.#pass(life, random);
      if (random.float() < 0.2) life.close();
    } catch (error) {
      const problem = this.#problemOf(error, fuse);
      if (problem !== undefined) return problem;
    }
    host.end();
    await this.#end(random);
    return undefined;
  }

  #init(files: Parameters<typeof initDataFolder>[0]['files']): void {
    try {
      initDataFolder({ files, lock: () => () => undefined }, FOLDER, 'c', 1);
    } catch (error) {
      // An attempt before came far enough.
      if (!/is the folder of a node already/.test(messageOf(error))) throw error;
    }
  }

  async #pass(life: SimulatedLife, random: Random): Promise<void> {
    for (let left = random.int(EVENTS); left > 0 && !life.failed; left--) {
      if (this.#options.strains === true && random.float() < 0.02) this.#strains.push(await this.#strain(random));
      if (random.float() < 0.05) await this.#strains.pop()?.end();
      await this.#machine.step();
    }
  }

  #strain(random: Random): Promise<DiskFault> {
    const { outside } = this.#disk;
    return random.pick([() => outside.fill(), () => outside.slow(random.pick([20, Infinity])), () => outside.failSync()])();
  }

  #problemOf(error: unknown, fuse: Fuse): Problem | undefined {
    if (fuse.blown) return void this.#seen.add('a start cut short');
    // A server would have ended, and would be started again.
    if (this.#strains.length > 0 && (isFull(error) || (error as NodeJS.ErrnoException).code === 'EIO')) return undefined;
    const kind = error instanceof Lost ? 'lost' : error instanceof ServerError ? 'refused' : 'crashed';
    return { kind, why: error instanceof Error && kind === 'crashed' ? (error.stack ?? error.message) : messageOf(error) };
  }

  async #end(random: Random): Promise<void> {
    const end = random.fork('end');
    if (this.#options.power === true && end.float() < 0.6) this.#cutPower(end);
    else this.#ends.push('kill');
    this.#disk.unmount();
    if (end.float() < 0.7) for (const strain of this.#strains.splice(0)) await strain.end();
    if (this.#options.damage === true && !this.#damaged && end.float() < 0.5) await this.#damage(end);
  }

  #cutPower(random: Random): void {
    const words = this.#disk.powerCut(random);
    if (words.includes('bytes')) this.#seen.add('bytes lost');
    if (words.includes('names')) this.#seen.add('names lost');
    this.#ends.push(`power cut: ${words}`);
  }

  async #damage(random: Random): Promise<void> {
    const { outside } = this.#disk;
    const files = (await outside.list()).filter(({ bytes }) => bytes > 0);
    if (files.length === 0) return;
    this.#damaged = true;
    this.#seen.add('damage');
    const { path, bytes } = random.pick(files);
    const at = random.int(bytes);
    this.#ends.push(`damage to ${path} at ${at} of ${bytes}`);
    if (random.float() < 0.3) return outside.truncate(path, at);
    const byte = (await outside.read(path))[at] ?? 0;
    return outside.patch(path, at, Buffer.from([byte ^ (1 << random.int(8))]));
  }
}
