import { cpus, totalmem } from 'node:os';
import type { Capability, HostReport, Support } from '../../src/index.js';
import { clockSupport } from './clock.js';
import { tracerSupport } from './tracer.js';

const NO_PACKETS: Support = { ok: false, why: 'links are TCP relays, which see bytes and no packets', remedy: 'Use --cluster docker.' };

/** What this machine lets the local cluster do. */
export async function examineLocal(): Promise<HostReport> {
  const capabilities = new Map<Capability, Support>([
    ['links', { ok: true, by: 'TCP relays in the controller' }],
    ['link-delay', { ok: true, by: 'TCP relays in the controller' }],
    ['link-bandwidth', { ok: true, by: 'TCP relays in the controller' }],
    ['link-loss', NO_PACKETS],
    ['link-duplicate', NO_PACKETS],
    ['link-reorder', NO_PACKETS],
    ['kill', { ok: true, by: 'SIGKILL to the process group' }],
    ['terminate', { ok: true, by: 'SIGTERM to the process group' }],
    ['pause', { ok: true, by: 'SIGSTOP to the process group' }],
    ['out-of-memory', { ok: false, why: 'a process has no memory limit of its own', remedy: 'Use --cluster docker.' }],
    ['clock', clockSupport()],
    ['disk-damage', { ok: true, by: 'the files of the data folder' }],
    ['slow-disk', tracerSupport()],
    ['full-disk', { ok: false, why: 'nodes share the disk of this machine', remedy: 'Use --cluster docker.' }],
  ]);
  return {
    provider: 'local',
    facts: [
      { what: 'platform', ok: process.platform !== 'win32', detail: `${process.platform} ${process.arch}, Node ${process.versions.node}`, ...(process.platform === 'win32' ? { remedy: 'Run in WSL.' } : {}) },
      { what: 'processors', ok: true, detail: `${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory` },
    ],
    capabilities,
  };
}
