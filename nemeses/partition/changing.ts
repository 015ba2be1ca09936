import { messageOf, type FaultEnd, type FaultValue, type LinkFault, type LinkName, type Run } from '../../src/index.js';
import { aimAtLeader } from '../shared/aim.js';
import type { Fault } from '../shared/lifecycle.js';
import { seenPassing, sumOf } from '../shared/probes.js';
import { changes, snapshot, type Snapshot } from '../shared/traffic.js';
import type { CourseKind, CourseStart } from './courses.js';
import { Sequence } from './sequence.js';

export interface ChangingOptions {
  readonly owner: string;
  readonly kind: string;
  readonly atLeader: boolean;
  readonly order: readonly string[];
  readonly drop: 'stall' | 'reset';
  readonly start: CourseStart;
  readonly course: CourseKind;
  /** The nodes that the fault is about. */
  readonly targets: (order: readonly string[]) => readonly string[];
}

/** A partition that changes by itself while it lasts. */
export class ChangingPartition implements Fault {
  readonly #run: Run;
  readonly #options: ChangingOptions;
  readonly #cut = new Map<string, LinkName>();
  #value: FaultValue;
  #before: Snapshot = new Map();
  #sequence: Sequence | undefined;
  inForce = false;

  constructor(run: Run, options: ChangingOptions) {
    this.#run = run;
    this.#options = options;
    this.#value = { kind: options.kind, drop: options.drop };
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind, order, drop, start, course, targets, atLeader } = this.#options;
    const aim = atLeader ? await aimAtLeader(this.#run, order, signal) : undefined;
    const nodes = aim?.order ?? order;
    const { first, steps } = course.course(start, nodes, drop, this.#run);
    const { downMs, upMs, stepMs } = start;
    this.#value = { kind, targets: targets(nodes), drop, ...(downMs === undefined ? {} : { downMs }), ...(upMs === undefined ? {} : { upMs }), ...(stepMs === undefined ? {} : { stepMs }), ...(aim === undefined ? {} : { leader: aim.leader }), ...(aim?.note === undefined ? {} : { note: aim.note }) };
    this.#before = await snapshot(this.#run);
    this.inForce = true;
    this.#value = { ...this.#value, ...(await this.#apply(first)) };
    this.#sequence = new Sequence(this.#run.clock, steps.map(({ afterMs, cut }) => ({
      afterMs,
      act: async (stop) => {
        const faults = await cut(stop);
        if (faults !== undefined) await this.#apply(faults);
      },
    })));
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const made = await this.#sequence?.stop().catch(messageOf);
    this.#sequence = undefined;
    const links = [...this.#cut.values()];
    const during = changes(links, this.#before, await snapshot(this.#run));
    await this.#run.cluster.net.clear(this.#options.owner);
    this.inForce = false;
    const held = sumOf(during, 'stalledChunks') + sumOf(during, 'resets');
    const effect = typeof made === 'string' ? { observed: false, evidence: made } : { observed: held > 0, evidence: `changed ${made ?? 0} times; ${held} chunks of the nodes ran into a cut, ${sumOf(during, 'deliveredChunks')} came through when there was none` };
    return { ...this.#value, effect, healed: await seenPassing(this.#run, links, signal) };
  }

  async #apply(faults: readonly LinkFault[]): Promise<{ readonly by: string; readonly interval: readonly [number, number] }> {
    for (const { from, to } of faults) this.#cut.set(`${from}>${to}`, { from, to });
    return this.#run.cluster.net.apply(this.#options.owner, faults);
  }
}
