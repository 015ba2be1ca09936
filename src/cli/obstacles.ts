import type { HostReport } from '../control/host-report.js';
import { CAPABILITIES, type Capability } from '../control/capability.js';
import { usageError } from '../config/option-spec.js';
import type { FaultlineError } from '../errors.js';
import type { Nemesis } from '../runner/nemesis.js';
import type { System } from '../runner/system.js';

/** Something that a nemesis needs and that neither the host nor the system gives. */
export interface Obstacle {
  readonly capability: Capability;
  readonly why: string;
  readonly remedy?: string;
}

/** Why a nemesis cannot be had here; empty if it can. */
export function obstacles(nemesis: Nemesis, host: HostReport, system: System): readonly Obstacle[] {
  return nemesis.needs.flatMap((capability): readonly Obstacle[] => {
    if (system.capabilities?.includes(capability) === true) return [];
    const support = host.capabilities.get(capability);
    if (support?.ok === true) return [];
    if (support === undefined) return [{ capability, why: `neither the ${host.provider} cluster nor ${system.name} can` }];
    return [{ capability, why: support.why, ...(support.remedy === undefined ? {} : { remedy: support.remedy }) }];
  });
}

/** The refusal of a nemesis that was asked for by name. */
export function unable(nemesis: Nemesis, host: HostReport, system: System): FaultlineError {
  const found = obstacles(nemesis, host, system);
  const reasons = found.map(({ capability, why }) => `it would have to ${CAPABILITIES[capability]}, but ${why}`).join('; ');
  const remedies = found.flatMap(({ remedy }) => remedy ?? []);
  return usageError(`--nemesis ${nemesis.name} cannot be had on the ${host.provider} cluster: ${reasons}`, [...new Set(remedies), `faultline doctor --cluster ${host.provider} shows what can.`].join(' '));
}
