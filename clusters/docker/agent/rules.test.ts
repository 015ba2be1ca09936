import { describe, expect, test } from 'vitest';
import type { Incoming } from './protocol.js';
import { linkRules, readCounters, removeRules, setupRules, tableNames } from './rules.js';

const names = tableNames('ab-1');
const peers = [{ name: 'n2', address: '10.0.0.2', mac: '02:00:00:00:00:02' }];
const open: Incoming = { from: 'n2', delayMs: 0, jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };
const rulesOf = (drop: 'stall' | 'reset' | undefined, peerPorts: readonly number[] = [7001]): string =>
  linkRules(names, { incoming: [drop === undefined ? open : { ...open, drop }], outgoing: [], peers, peerPorts }).join('\n');

describe('the text of the rules', () => {
  test('names only the run\'s own tables and never flushes the ruleset', () => {
    for (const text of [setupRules(names, peers), rulesOf('reset'), removeRules(names)]) {
      expect(text).not.toContain('ruleset');
      for (const [, table] of text.matchAll(/(?:table|chain) (?:inet|ip) (\S+)/g)) expect([names.links, names.duplicates, names.mark]).toContain(table);
    }
  });

  test('judges at the receiver, before other filters, by hardware address', () => {
    expect(setupRules(names, peers)).toMatch(/hook input priority -300; policy accept;\s+ether saddr 02:00:00:00:00:02 jump from_n2/);
  });

  test('a stall drops all, a reset refuses peer ports first', () => {
    expect(rulesOf('stall')).not.toContain('reject');
    expect(rulesOf('reset')).toMatch(/tcp dport \{ 7001 \} .*reject with tcp reset\n.*counter name "stalled_n2" drop/);
    expect(rulesOf('reset', [])).not.toContain('reject');
    expect(rulesOf(undefined)).not.toContain('drop');
  });

  test('doubles all packets without a chance that nft refuses', () => {
    const outgoing = (duplicateRate: number) => linkRules(names, { incoming: [], outgoing: [{ to: 'n2', delayMs: 0, jitterMs: 0, lossRate: 0, duplicateRate, reorderRate: 0 }], peers, peerPorts: [] }).join('\n');
    expect(outgoing(1)).not.toContain('numgen');
    expect(outgoing(1)).toContain('dup to 10.0.0.2');
    expect(outgoing(0.25)).toContain('numgen random mod 1000000 < 250000');
    expect(outgoing(0)).not.toContain('dup to');
  });

  test('flushes a chain before it refills it, and keeps the counters', () => {
    expect(rulesOf('stall').indexOf('flush chain')).toBe(0);
    expect(rulesOf('stall')).not.toContain('delete');
  });

  test('reads counters', () => {
    expect(readCounters('{"nftables":[{"metainfo":{}},{"counter":{"name":"a","packets":2,"bytes":9}}]}').get('a')).toMatchObject({ packets: 2, bytes: 9 });
  });
});
