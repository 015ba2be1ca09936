import { FaultlineError, type Capability, type Support } from '../../src/index.js';
import type { LinkState } from '../shared/link-state.js';
import type { PacketTrial } from './agent/protocol.js';

/** By what the faults of links are put into force. */
export interface LinkMeans {
  /** Cuts. */
  readonly nft: Support;
  /** Delay, jitter, loss, reordering and bandwidth. */
  readonly packets: Support;
  readonly duplicate: Support;
}

/** What needs packets to be held back or dropped one by one. */
export const PACKET_CAPABILITIES: readonly Capability[] = ['link-delay', 'link-bandwidth', 'link-loss', 'link-reorder'];

/** Whether a run's links need rules at all. */
export function needsLinks(needs: readonly Capability[]): boolean {
  return needs.some((capability) => capability === 'links' || capability.startsWith('link-'));
}

/** Says of a trial what the doctor says of a host. */
export function packetSupport(trial: PacketTrial): Support {
  if ('by' in trial) return { ok: true, by: trial.by };
  return { ok: false, why: trial.why, remedy: remedyOf(trial.why, 'The engine\'s kernel needs nfnetlink_queue or sch_netem (Debian: linux-image-extra or modules-extra).') };
}

/** What would help where something fails: where the rights are missing no kernel helps. */
export function remedyOf(why: string, otherwise: string, right = 'NET_ADMIN'): string {
  if (!/not permitted|permission denied|must be root|EPERM|EACCES/i.test(why)) return otherwise;
  return `The engine gives its containers no ${right}, although they ask for it: a rootless engine, one within a container, a proxy or an authorization plug-in may take it away. Let it be given, or name an engine that runs as root in DOCKER_HOST.`;
}

/**
 * The means that the agents of a run found, which are the ones in the history: not what another container was promised. Throws FaultlineError `no-packet-faults` if the run needs what
 * an agent cannot do.
 */
export function meansFound(promised: LinkMeans, trials: ReadonlyMap<string, PacketTrial>, needs: readonly Capability[]): LinkMeans {
  const found = [...trials].map(([node, trial]) => ({ node, support: packetSupport(trial) }));
  const failing = found.find(({ support }) => !support.ok);
  const needed = PACKET_CAPABILITIES.filter((capability) => needs.includes(capability));
  if (failing !== undefined && !failing.support.ok) {
    const { node, support } = failing;
    if (needed.length > 0) {
      throw new FaultlineError('no-packet-faults', `${node}: the run needs ${needed.join(', ')}, and the agent in its holder cannot make them: ${support.why}`, { ...(support.remedy === undefined ? {} : { hint: support.remedy }) });
    }
    return { ...promised, packets: support };
  }
  const by = [...new Set(found.flatMap(({ support }) => (support.ok ? [support.by] : [])))];
  return by.length === 0 ? promised : { ...promised, packets: { ok: true, by: by.join(' or ') } };
}

/** The means that put faults of these sorts into force, for the history. */
export function meansOf({ nft, packets, duplicate }: LinkMeans, states: readonly LinkState[]): string {
  const means = new Set<string>();
  const name = (support: Support): string => (support.ok ? support.by : 'nothing');
  for (const state of states) {
    if (state.drop !== undefined) means.add(name(nft));
    if (state.delayMs > 0 || state.jitterMs > 0 || state.lossRate > 0 || state.reorderRate > 0 || state.bytesPerSecond !== Infinity) means.add(name(packets));
    if (state.duplicateRate > 0) means.add(name(duplicate));
  }
  return [...means].join(' + ') || 'nothing';
}
