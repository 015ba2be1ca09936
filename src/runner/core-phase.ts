import type { LinkFault } from '../control/links.js';
import type { DiskFault } from '../control/disk.js';
import type { Node } from '../control/cluster.js';
import type { Random } from '../random/random.js';
import type { Run } from './run-context.js';

/** What ails a node outside the core, until the phase is over: who cannot hear, who cannot be heard, who stands still, is gone, or has a disk that does not answer. */
export const AILMENTS = ['cut', 'deaf', 'mute', 'paused', 'killed', 'disk'] as const;
export type Ailment = (typeof AILMENTS)[number];

/** A quorum that is well, and what ails the others: what the runner notes when the phase begins. */
export interface CorePlan {
  readonly core: readonly string[];
  readonly ailments: Readonly<Record<string, Ailment>>;
}

const OWNER = 'core';

/**
 * Chooses a quorum at random that is to make progress by itself, and what ails the rest. Often the leader, who ever it is (`leader`), is among these: whether it is missed in time is the question.
 * Undefined: the quorum is everybody.
 */
export function drawCore(run: Run, random: Random, leader: string | undefined): CorePlan | undefined {
  const { nodes } = run.cluster;
  const needed = run.system.quorum?.(run.systemOptions, nodes.length) ?? Math.floor(nodes.length / 2) + 1;
  if (needed >= nodes.length) return undefined;
  const names = random.shuffle(nodes.map(({ name }) => name));
  const out = leader !== undefined && random.float() < 0.7 ? [leader, ...names.filter((name) => name !== leader)] : names;
  const outsiders = out.slice(0, nodes.length - needed);
  const able = AILMENTS.filter((ailment) => ailment !== 'disk' || run.cluster.supports('slow-disk'));
  return { core: out.slice(nodes.length - needed).sort(), ailments: Object.fromEntries(outsiders.sort().map((name) => [name, random.pick(able)])) };
}

/** Puts the ailments of a plan into force, and ends them. */
export class CorePhase {
  readonly #run: Run;
  readonly #plan: CorePlan;
  readonly #disks: DiskFault[] = [];

  constructor(run: Run, plan: CorePlan) {
    this.#run = run;
    this.#plan = plan;
  }

  async begin(): Promise<void> {
    const links = Object.entries(this.#plan.ailments).flatMap(([name, ailment]) => this.#linkFaults(name, ailment));
    if (links.length > 0) await this.#run.cluster.net.apply(OWNER, links);
    for (const [name, ailment] of Object.entries(this.#plan.ailments)) {
      const node = this.#node(name);
      if (ailment === 'paused') await node.signal('SIGSTOP');
      if (ailment === 'killed') await node.signal('SIGKILL');
      if (ailment === 'disk') this.#disks.push(await node.disk.slow(Infinity));
    }
  }

  /** Heals the links and the disks, and lets go who was paused. Who was killed is started by whoever revives nodes. */
  async end(): Promise<void> {
    await this.#run.cluster.net.clear(OWNER);
    for (const fault of this.#disks) await fault.end();
    for (const [name, ailment] of Object.entries(this.#plan.ailments)) if (ailment === 'paused') await this.#node(name).signal('SIGCONT');
  }

  #linkFaults(name: string, ailment: Ailment): readonly LinkFault[] {
    const others = this.#run.cluster.nodes.filter((node) => node.name !== name);
    const inward = others.map((node): LinkFault => ({ from: node.name, to: name, drop: 'stall' }));
    const outward = others.map((node): LinkFault => ({ from: name, to: node.name, drop: 'stall' }));
    return ailment === 'cut' ? [...inward, ...outward] : ailment === 'deaf' ? inward : ailment === 'mute' ? outward : [];
  }

  #node(name: string): Node {
    return this.#run.cluster.nodes.find((node) => node.name === name) as Node;
  }
}
