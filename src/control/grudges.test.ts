import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grudgeFaults, type Grudge } from './grudge.js';
import { bridge, completeGrudge, deafenFirst, grudgeRecord, halves, hears, isolateFirst, majoritiesRing, majoritySize, minoritySize, muteFirst, oneWay, splitMinority } from './grudges.js';

/** 3 to 25 nodes in any order. */
const clusters = fc
  .integer({ min: 3, max: 25 })
  .chain((n) => fc.shuffledSubarray(Array.from({ length: n }, (_, i) => `n${i + 1}`), { minLength: n, maxLength: n }));

function isSymmetric(grudge: Grudge, nodes: readonly string[]): boolean {
  return nodes.every((a) => nodes.every((b) => hears(grudge, nodes, a).includes(b) === hears(grudge, nodes, b).includes(a)));
}

function heardSets(grudge: Grudge, nodes: readonly string[]): readonly string[] {
  return nodes.map((node) => [...hears(grudge, nodes, node)].sort().join());
}

describe('sizes', () => {
  it('a minority and a majority make the whole', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 99 }), (n) => minoritySize(n) + majoritySize(n) === n && majoritySize(n) * 2 > n && (majoritySize(n) - 1) * 2 <= n));
  });
});

describe('every shape', () => {
  const shapes = { isolateFirst, splitMinority, halves, bridge, deafenFirst, muteFirst, majoritiesRing };
  it.each(Object.entries(shapes))('%s cuts some link, none twice, and none from a node to itself', (_name, shape) => {
    fc.assert(
      fc.property(clusters, (nodes) => {
        const faults = grudgeFaults(shape(nodes), 'stall');
        const links = faults.map(({ from, to }) => `${from}>${to}`);
        expect(new Set(links).size).toBe(links.length);
        expect(faults.every(({ from, to }) => from !== to && nodes.includes(from) && nodes.includes(to))).toBe(true);
        expect(links.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('complete grudges', () => {
  it('let a component hear itself and nobody else', () => {
    fc.assert(
      fc.property(clusters, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (nodes, cuts) => {
        const bounds = [...new Set([0, ...cuts.map((cut) => cut % nodes.length), nodes.length])].sort((a, b) => a - b);
        const components = bounds.slice(1).map((end, i) => nodes.slice(bounds[i], end));
        const grudge = completeGrudge(components);
        for (const component of components) {
          for (const node of component) expect([...hears(grudge, nodes, node)].sort()).toEqual([...component].sort());
        }
      }),
    );
  });

  it('split one node, a minority, or half from the rest', () => {
    fc.assert(
      fc.property(clusters, (nodes) => {
        const [first = '', second = ''] = nodes;
        const last = nodes.at(-1) ?? '';
        expect(hears(isolateFirst(nodes), nodes, first)).toEqual([first]);
        expect(hears(isolateFirst(nodes), nodes, second)).toHaveLength(nodes.length - 1);
        expect(hears(splitMinority(nodes), nodes, first)).toHaveLength(minoritySize(nodes.length));
        expect(hears(splitMinority(nodes), nodes, last)).toHaveLength(majoritySize(nodes.length));
        expect(hears(halves(nodes), nodes, first)).toHaveLength(Math.floor(nodes.length / 2));
        expect(isSymmetric(halves(nodes), nodes)).toBe(true);
      }),
    );
  });
});

describe('bridge', () => {
  it('joins two sides in one node that hears all', () => {
    fc.assert(
      fc.property(clusters, (nodes) => {
        const grudge = bridge(nodes);
        const [middle = '', ...others] = nodes;
        expect(hears(grudge, nodes, middle)).toHaveLength(nodes.length);
        expect(isSymmetric(grudge, nodes)).toBe(true);
        const sides = new Set(others.map((node) => hears(grudge, nodes, node).filter((other) => other !== middle).join()));
        expect(sides.size).toBe(2);
      }),
    );
  });
});

describe('one-way grudges', () => {
  it('cut one direction only', () => {
    fc.assert(
      fc.property(clusters, fc.nat(), (nodes, at) => {
        const cut = 1 + (at % (nodes.length - 1));
        const [deaf, unheard] = [nodes.slice(0, cut), nodes.slice(cut)];
        const grudge = oneWay(deaf, unheard);
        for (const node of unheard) expect(hears(grudge, nodes, node)).toHaveLength(nodes.length);
        for (const node of deaf) expect([...hears(grudge, nodes, node)].sort()).toEqual([...deaf].sort());
      }),
    );
  });

  it('make the first node deaf, or mute', () => {
    fc.assert(
      fc.property(clusters, (nodes) => {
        const [first = '', ...others] = nodes;
        expect(hears(deafenFirst(nodes), nodes, first)).toEqual([first]);
        expect(others.every((node) => hears(deafenFirst(nodes), nodes, node).length === nodes.length)).toBe(true);
        expect(hears(muteFirst(nodes), nodes, first)).toHaveLength(nodes.length);
        expect(others.every((node) => !hears(muteFirst(nodes), nodes, node).includes(first))).toBe(true);
      }),
    );
  });
});

describe('majorities-ring', () => {
  it('lets every node hear a majority, no two the same one, and be heard by whom it hears', () => {
    fc.assert(
      fc.property(clusters, (nodes) => {
        const grudge = majoritiesRing(nodes);
        expect(isSymmetric(grudge, nodes)).toBe(true);
        for (const node of nodes) expect(hears(grudge, nodes, node).length).toBeGreaterThanOrEqual(majoritySize(nodes.length));
        expect(new Set(heardSets(grudge, nodes)).size).toBe(nodes.length);
      }),
    );
  });

  it('is perfect where a regular graph exists, and one link off elsewhere', () => {
    fc.assert(
      fc.property(clusters, (nodes) => {
        const sizes = nodes.map((node) => hears(majoritiesRing(nodes), nodes, node).length);
        const surplus = sizes.reduce((sum, size) => sum + size - majoritySize(nodes.length), 0);
        expect(surplus).toBe(nodes.length % 4 === 3 ? 1 : 0);
      }),
    );
  });

  it('of five nodes: each hears its two neighbours', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e'];
    expect(grudgeRecord(majoritiesRing(nodes))).toEqual({ a: ['c', 'd'], b: ['d', 'e'], c: ['a', 'e'], d: ['a', 'b'], e: ['b', 'c'] });
  });

  it.each([1, 2])('of %d nodes cuts nothing', (n) => {
    expect(grudgeRecord(majoritiesRing(['a', 'b'].slice(0, n)))).toEqual({});
  });
});
