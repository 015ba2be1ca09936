import { beforeEach, describe, expect, it } from 'vitest';
import type { FaultEnd } from '../../src/index.js';
import { FaultLifecycle, type Fault } from './lifecycle.js';

const signal = new AbortController().signal;

/** Comes to an end at the attempt with a number; `Infinity`: never; its attempts before fail, or throw. */
class Stubborn implements Fault {
  attempts = 0;

  constructor(
    readonly kind: string,
    readonly endsAt: number,
    readonly throws = false,
  ) {}

  get inForce(): boolean {
    return this.attempts < this.endsAt;
  }

  async begin(): Promise<{ kind: string }> {
    return { kind: this.kind };
  }

  async end(): Promise<FaultEnd> {
    this.attempts += 1;
    if (this.inForce && this.throws) throw new Error(`${this.kind} does not end`);
    return { kind: this.kind, effect: { observed: true, evidence: '' }, healed: { observed: !this.inForce, evidence: '' } };
  }
}

let faults: Stubborn[];
let nemesis: FaultLifecycle;

beforeEach(() => {
  const next = (): Stubborn => faults[Number(started++)] as Stubborn;
  let started = 0;
  nemesis = new FaultLifecycle({ generator: () => ({ next: () => undefined }) as never, prepare: async () => next() });
});

async function kinds(ends: Promise<readonly FaultEnd[]>): Promise<readonly string[]> {
  return (await ends).map(({ kind }) => kind);
}

describe('a fault that does not end at once', () => {
  it('is tried again by stop and by the next start, and healed beside later ones', async () => {
    faults = [new Stubborn('first', 5), new Stubborn('second', 1)];
    await nemesis.invoke({ f: 'start', value: null }, signal);
    expect(await nemesis.invoke({ f: 'stop', value: null }, signal)).toMatchObject({ kind: 'first', healed: { observed: false } });
    expect(await nemesis.invoke({ f: 'stop', value: null }, signal)).toMatchObject({ kind: 'first', healed: { observed: false } });
    await nemesis.invoke({ f: 'start', value: null }, signal);
    expect(await kinds(nemesis.heal(signal))).toEqual(['second', 'first', 'first']);
    expect(faults.map(({ inForce }) => inForce)).toEqual([false, false]);
    expect(await nemesis.heal(signal)).toEqual([]);
  });

  it('is left after a number of tries, and known to be left', async () => {
    faults = [new Stubborn('first', 9)];
    await nemesis.invoke({ f: 'start', value: null }, signal);
    expect((await nemesis.heal(signal)).map(({ healed }) => healed.observed)).toEqual([false, false, false]);
    expect(await kinds(nemesis.heal(AbortSignal.abort()))).toEqual(['first']);
  });

  it('lets none begin beside it where one is borne at a time', async () => {
    const careful = new FaultLifecycle({ generator: () => ({ next: () => undefined }) as never, oneAtATime: true, prepare: async () => first });
    const first = new Stubborn('first', 2);
    await careful.invoke({ f: 'start', value: null }, signal);
    await careful.invoke({ f: 'stop', value: null }, signal);
    await expect(careful.invoke({ f: 'start', value: null }, signal)).rejects.toThrow('an earlier fault could not be ended yet');
    expect(await careful.invoke({ f: 'stop', value: null }, signal)).toMatchObject({ healed: { observed: true } });
    await careful.invoke({ f: 'start', value: null }, signal);
  });

  it('keeps no other from its end, and is not forgotten when it throws', async () => {
    faults = [new Stubborn('first', 2), new Stubborn('second', 3, true)];
    await nemesis.invoke({ f: 'start', value: null }, signal);
    await nemesis.invoke({ f: 'stop', value: null }, signal);
    await nemesis.invoke({ f: 'start', value: null }, signal);
    // The start ended the first; now the second throws, twice.
    await expect(nemesis.heal(signal)).rejects.toThrow('second does not end');
    await expect(nemesis.invoke({ f: 'stop', value: null }, signal)).rejects.toThrow('second does not end');
    expect(await kinds(nemesis.heal(signal))).toEqual(['second']);
  });
});

it('says that nothing was in force', async () => {
  faults = [];
  expect(await nemesis.invoke({ f: 'stop', value: null }, signal)).toMatchObject({ kind: 'none', healed: { observed: true } });
});
