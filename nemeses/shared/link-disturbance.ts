import type { FaultEnd, FaultValue, LinkFault, LinkName, LinkProbe, Run } from '../../src/index.js';
import { aimAtLeader, type Aim } from './aim.js';
import type { Fault } from './lifecycle.js';
import type { LinkSet } from './link-sets.js';
import { seenPassing, startProbe, type Healthy, type ProbeLater } from './probes.js';
import { changes, snapshot, type LinkChange, type Snapshot } from './traffic.js';

export interface LinkDisturbanceOptions {
  /** Whose fault it is: `nemesis/slow`. */
  readonly owner: string;
  readonly aim: Aim;
  readonly on: LinkSet;
  /** What happens to each of the links. */
  readonly fault: Omit<LinkFault, 'from' | 'to'>;
  /** Whether it bit, by what became of our own messages (words: why there are none) and of the nodes'. */
  readonly effect: (probes: readonly LinkProbe[] | string, during: readonly LinkChange[]) => FaultEnd['effect'];
  /** What a healed link does again. */
  readonly healthy: Healthy;
}

/** A fault that leaves links open and makes them worse. */
export class LinkDisturbance implements Fault {
  readonly #run: Run;
  readonly #options: LinkDisturbanceOptions;
  #value: FaultValue;
  #links: readonly LinkName[] = [];
  #before: Snapshot = new Map();
  #probe: ProbeLater | undefined;
  inForce = false;

  constructor(run: Run, options: LinkDisturbanceOptions) {
    this.#run = run;
    this.#options = options;
    this.#value = { kind: options.aim.kind };
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { owner, aim, on, fault } = this.#options;
    const leaderAim = on.atLeader === true ? await aimAtLeader(this.#run, aim.order, signal) : undefined;
    const nodes = leaderAim?.order ?? aim.order;
    this.#links = on.links(nodes);
    this.#value = {
      kind: aim.kind,
      targets: on.targets(nodes),
      links: this.#links.map(({ from, to }) => [from, to]),
      ...fault,
      ...(leaderAim === undefined ? {} : { leader: leaderAim.leader }),
      ...(leaderAim?.note === undefined ? {} : { note: leaderAim.note }),
    };
    this.#before = await snapshot(this.#run);
    this.inForce = true;
    this.#value = { ...this.#value, ...(await this.#run.cluster.net.apply(owner, this.#links.map((link) => ({ ...link, ...fault })))) };
    this.#probe = startProbe(this.#run, this.#links);
    return this.#value;
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const { owner, effect, healthy } = this.#options;
    const probes = (await this.#probe?.()) ?? 'the fault had not begun';
    const during = changes(this.#links, this.#before, await snapshot(this.#run));
    await this.#run.cluster.net.clear(owner);
    this.inForce = false;
    return { ...this.#value, effect: effect(probes, during), healed: await seenPassing(this.#run, this.#links, signal, healthy) };
  }
}
