import type { Capability, ClusterProvider, Support } from '../../src/index.js';
import { SimClock } from './clock.js';
import { SIM_CAPABILITIES } from './cluster.js';
import { provisionSim } from './provision.js';
import { calmer, confine, drawSetting, reseed, simSettingSchema, troubledLinks } from './setting.js';

/** Nodes in virtual time, in this process. */
export const simProvider: ClusterProvider = {
  name: 'sim',
  description: 'A deterministic simulation in virtual time: the same programs on simulated networks, clocks and disks. A seed replays to the byte.',
  virtual: { clock: () => new SimClock(), setting: simSettingSchema, draw: drawSetting, reseed, calmer, troubledLinks, confine },
  examine: async () => ({
    provider: 'sim',
    facts: [{ what: 'simulation', ok: true, detail: 'needs nothing of the host' }],
    capabilities: new Map<Capability, Support>(SIM_CAPABILITIES.map((capability) => [capability, { ok: true, by: 'simulation' }])),
  }),
  provision: provisionSim,
  clean: async () => [],
};
