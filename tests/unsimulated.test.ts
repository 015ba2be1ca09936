import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import type * as Registry from '../src/registry.js';

vi.mock('../src/registry.js', async (original) => {
  const registry = await original<typeof Registry>();
  const { simulate: _, ...bare } = { ...registry.systems['paxos'], name: 'bare' };
  return { ...registry, systems: { ...registry.systems, bare } };
});

describe('a system that does not say how it runs in a simulation', () => {
  it.each([['one run', []], ['a search', ['--runs', '10']], ['a plan', ['--dry-run']]] as const)('is refused on a simulated cluster, with another one named: %s', async (_, more) => {
    let err = '';
    const context = { out: () => undefined, err: (text: string) => void (err += text), environment: {}, signal: new AbortController().signal, terminal: false, columns: 100, stdin: Readable.from([]) };
    expect(await main(['test', '--system', 'bare', '--cluster', 'sim', ...more], context)).toBe(254);
    expect(err).toContain('--cluster sim: bare does not run in a simulation');
    expect(err).toContain('--cluster local');
  });
});
