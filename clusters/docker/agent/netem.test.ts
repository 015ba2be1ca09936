import { describe, expect, test } from 'vitest';
import { Netem, netemCommands, readQdiscs } from './netem.js';

const whole = { delayMs: 0, jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };
const peers = [2, 3].map((i) => ({ name: `n${i}`, address: `10.0.0.${i}`, mac: '' }));
const shown = (handles: Readonly<Record<string, readonly [sent: number, dropped: number, waiting: number]>>): string => [
  'qdisc htb 1: root refcnt 2 r2q 10 default 0x1 direct_packets_stat 0 direct_qlen 1000',
  ' Sent 9000 bytes 90 pkt (dropped 0, overlimits 7 requeues 0) ',
  ' backlog 0b 0p requeues 0',
  ...Object.entries(handles).flatMap(([handle, [sent, dropped, waiting]]) => [
    `qdisc netem ${handle}: parent 1:${handle} limit 100000 delay 30ms rate 16Kbit`,
    ` Sent ${sent * 100} bytes ${sent} pkt (dropped ${dropped}, overlimits 0 requeues 0) `,
    ` backlog 4Kb ${waiting}p requeues 0`,
  ]),
  '',
].join('\n');

describe('netem', () => {
  test('has a discipline for the packets to each peer and one for the probes', () => {
    const commands = netemCommands('eth0', peers.map(({ address }) => ({ ...whole, bytesPerSecond: 2048, address })));
    expect(commands.filter((command) => command.includes('netem')).map((command) => /handle (\w+):/.exec(command)?.[1])).toEqual(['10', '11', '12', '13']);
    expect(commands.filter((command) => command.startsWith('filter'))).toEqual([
      'filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.2/32 match ip protocol 17 0xff match ip dport 7999 0xffff flowid 1:11',
      'filter add dev eth0 parent 1: protocol ip prio 2 u32 match ip dst 10.0.0.2/32 flowid 1:10',
      'filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.3/32 match ip protocol 17 0xff match ip dport 7999 0xffff flowid 1:13',
      'filter add dev eth0 parent 1: protocol ip prio 2 u32 match ip dst 10.0.0.3/32 flowid 1:12',
    ]);
  });

  test('reads what the kernel counted', () => {
    expect(readQdiscs(shown({ '10': [5, 1, 2] }))).toEqual(new Map([['1', { sent: 90, dropped: 0, waiting: 0 }], ['10', { sent: 5, dropped: 1, waiting: 2 }]]));
  });

  test('counts packets held back on narrow links and lost ones, not probes, and keeps the counts when links change', async () => {
    let now = '';
    const netem = new Netem('eth0', async (args) => (args[0] === '-s' ? now : ''));
    expect((await netem.counts()).size).toBe(0);
    await netem.apply([{ to: 'n2', ...whole, bytesPerSecond: 2048 }, { to: 'n3', ...whole, lossRate: 0.5 }], peers);
    now = shown({ '10': [5, 1, 2], '11': [20, 0, 0], '12': [6, 4, 0], '13': [10, 10, 0] });
    expect(await netem.counts()).toEqual(new Map([['n2', { delayed: 7, disturbed: 0 }], ['n3', { delayed: 0, disturbed: 4 }]]));
    await netem.apply([{ to: 'n3', ...whole, delayMs: 5 }], peers);
    now = shown({ '10': [3, 0, 0], '11': [20, 0, 0] });
    expect(await netem.counts()).toEqual(new Map([['n2', { delayed: 7, disturbed: 0 }], ['n3', { delayed: 3, disturbed: 4 }]]));
    await netem.remove();
    expect((await netem.counts()).get('n3')).toEqual({ delayed: 3, disturbed: 4 });
  });
});
