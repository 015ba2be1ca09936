import type { TestLife, TestMachine } from '../../../../clusters/sim/disk/testing/machine.js';
import type { FileSystem, Random } from '../../../../src/index.js';
import type { WalRecord } from '../../core/index.js';
import { openDataFolder } from '../data-folder.js';
import { Storage } from '../storage.js';
import type { Ledger } from './ledger.js';

/** Milliseconds between two things that the storage is asked for, on average. */
const GAP_MS = 2;

/** What may happen to a node's storage. */
export type Event = 'a start cut short' | 'a torn write' | 'a snapshot' | 'a full disk' | 'a disk that failed' | 'bytes lost' | 'names lost' | 'damage';

export interface SimulatedLifeOptions {
  readonly files: FileSystem;
  readonly folder: string;
  readonly machine: TestMachine;
  readonly host: TestLife;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly bugs: readonly string[];
  readonly sync: boolean;
  /** Snapshots come from elsewhere as well. */
  readonly learns: boolean;
  readonly seen: (event: Event) => void;
}

/** A snapshot of which parts are still to be given. */
interface Saving {
  readonly slot: number;
  readonly parts: readonly string[];
  /** It came from elsewhere. */
  readonly learned: boolean;
}

/** One life of a node's storage, which is asked for what a node asks it for, at random times. */
export class SimulatedLife {
  readonly incarnation: number;
  readonly #options: SimulatedLifeOptions;
  readonly #storage: Storage;
  /** Of what is not durable yet: by lsn. */
  readonly #acknowledgements: (() => void)[] = [];
  #lsn = 0;
  #saving: Saving | undefined;
  #failed = false;

  /** Throws what a start throws; and an Error that says what is wrong, if what it found is. */
  constructor(options: SimulatedLifeOptions) {
    const { files, folder, host, machine, ledger, bugs, sync, seen } = options;
    this.#options = options;
    const { identity } = openDataFolder({ files, lock: () => () => undefined }, folder, 'c', 1);
    this.incarnation = identity.incarnation;
    const { storage, recovered } = Storage.open(folder, {
      files,
      bugs,
      sync,
      copy: undefined,
      sleep: (ms) => new Promise((resolve) => machine.after(ms, () => host.deliver(resolve))),
      onDurable: (upTo) => this.#onDurable(upTo),
      onSnapshot: (slot) => this.#onSnapshot(slot),
      onFailure: () => this.#onFailure(),
      onFull: () => seen('a full disk'),
      onWarning: (text) => void (text.includes('torn') && seen('a torn write')),
    });
    this.#storage = storage;
    const problem = ledger.problemWith(recovered);
    if (problem !== undefined) throw new Lost(problem);
  }

  /** The disk has failed it: a server would have ended. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Works on from now on, as long as it lives. */
  work(): void {
    const { machine, host, random } = this.#options;
    machine.after(random.exponential(GAP_MS), () =>
      host.deliver(() => {
        this.#act();
        this.work();
      }),
    );
  }

  /** Ends in order. */
  close(): void {
    this.#storage.close();
  }

  #act(): void {
    const { ledger, random, learns } = this.#options;
    const choice = random.float();
    if (this.#saving !== undefined && choice < 0.4) return this.#save(this.#saving);
    if (this.#saving?.learned === true) return;
    if (this.#saving === undefined && choice < 0.15) return this.#begin(random.int(ledger.last + 1), false);
    if (this.#saving === undefined && choice < 0.18 && learns) return this.#learn();
    const records = Array.from({ length: 1 + random.int(3) }, () => (random.float() < 0.2 ? [ledger.promise()] : ledger.accept(this.#value())));
    this.#append(records.flat(), false);
  }

  #learn(): void {
    const { ledger, random } = this.#options;
    const before = ledger.acknowledgement();
    ledger.learn(Array.from({ length: 1 + random.int(5) }, () => this.#value()));
    this.#begin(ledger.last, true);
    this.#acknowledgements[this.#acknowledgements.length - 1] = before;
  }

  #begin(slot: number, learned: boolean): void {
    if (slot === 0) return;
    const { ledger, random } = this.#options;
    this.#append(ledger.checkpoint(slot), true);
    const text = ledger.snapshot(slot);
    const cuts = [0, ...Array.from({ length: random.int(3) }, () => random.int(text.length)), text.length].sort((a, b) => a - b);
    this.#saving = { slot, learned, parts: cuts.slice(1).map((cut, i) => text.slice(cuts[i], cut)) };
  }

  #save(saving: Saving): void {
    const [part, ...rest] = saving.parts;
    if (part === undefined) return;
    this.#saving = { ...saving, parts: rest };
    this.#storage.saveSnapshot(saving.slot, [part], rest.length === 0);
  }

  #append(records: readonly WalRecord[], checkpoint: boolean): void {
    this.#acknowledgements.push(this.#options.ledger.acknowledgement());
    this.#storage.append(++this.#lsn, records, checkpoint);
  }

  #onDurable(upTo: number): void {
    for (const acknowledge of this.#acknowledgements.slice(0, upTo)) acknowledge();
  }

  #onFailure(): void {
    this.#failed = true;
    this.#options.seen('a disk that failed');
  }

  #onSnapshot(slot: number): void {
    this.#options.seen('a snapshot');
    this.#options.ledger.acknowledgeUpTo(slot);
    this.#saving = undefined;
  }

  #value(): string {
    const { random } = this.#options;
    return `${this.incarnation}:${random.uint32()}:${'x'.repeat(random.int(random.float() < 0.1 ? 6000 : 200))}`;
  }
}

/** What was acknowledged is not there, or something else is. */
export class Lost extends Error {}
