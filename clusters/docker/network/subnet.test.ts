import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressIn, candidates, formatSubnet, overlap, parseRoutes, parseSubnet, type Subnet } from './subnet.js';

const subnets = fc.record({ address: fc.integer({ min: 0, max: 2 ** 32 - 1 }), prefix: fc.integer({ min: 0, max: 32 }) }).map(({ address, prefix }): Subnet => {
  const text = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
  return parseSubnet(`${text}/${prefix}`) as Subnet;
});

/** First and last address. */
function range({ base, prefix }: Subnet): readonly [number, number] {
  return [base, base + 2 ** (32 - prefix) - 1];
}

describe('subnets', () => {
  it('are read and written', () => {
    fc.assert(fc.property(subnets, (subnet) => { expect(parseSubnet(formatSubnet(subnet))).toEqual(subnet); }));
    expect(parseSubnet('10.1.2.3/24')).toEqual(parseSubnet('10.1.2.0/24'));
    for (const text of ['', '10.1.2.3', '10.1.2.300/24', '10.1.2.0/33', 'fd00::/8']) expect(parseSubnet(text)).toBeUndefined();
  });

  it('overlap if and only if an address is in both', () => {
    fc.assert(fc.property(subnets, subnets, (a, b) => {
      const [[a0, a1], [b0, b1]] = [range(a), range(b)];
      expect(overlap(a, b)).toBe(a0 <= b1 && b0 <= a1);
    }));
  });

  it('that a run may take are many, private, and different', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (start) => {
      const some = [...candidates(start)].slice(0, 300);
      expect(new Set(some.map(formatSubnet)).size).toBe(300);
      for (const subnet of some) expect(formatSubnet(subnet)).toMatch(/^10\.2[0-5]\d\.\d{1,3}\.0\/24$/);
    }), { numRuns: 20 });
    expect([...candidates(0)]).toHaveLength(55 * 256);
  });

  it('give addresses', () => {
    expect(addressIn(parseSubnet('10.213.7.0/24') as Subnet, 11)).toBe('10.213.7.11');
  });

  it('are read from the routes of this machine, the default route not', () => {
    const text = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
      '',
    ].join('\n');
    expect(parseRoutes(text).map(formatSubnet)).toEqual(['172.17.0.0/16']);
  });
});
