import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transferNemesis } from './index.js';
import { AtWork, TestRun } from './testing/run.js';

const ORDER = ['n2', 'n3', 'n1'];

let test: TestRun;
let transfer: AtWork;
/** Who leads. */
let leader: string | undefined;
/** What was asked: who, and to hand over to whom. */
let asked: (readonly [string, string | undefined])[];

beforeEach(async () => {
  test = await TestRun.start(3);
  leader = 'n2';
  asked = [];
  test.primaries = async () => (leader === undefined ? [] : [leader]);
  Object.assign(test.run.system, { transfer: async (from: string, to: { readonly name: string } | undefined) => {
    asked.push([from, to?.name]);
    leader = to?.name ?? 'n1';
    return 'done';
  } });
  transfer = new AtWork(transferNemesis, test.run);
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

describe('transfer', () => {
  it('asks the leader to hand over to whom it likes, and sees that another leads', async () => {
    expect(await transfer.start({ kind: 'any', order: ORDER })).toEqual({ kind: 'any', targets: ['n2'], leader: 'n2', answer: 'done' });
    expect(asked).toEqual([['n2', undefined]]);
    expect(await transfer.stop()).toMatchObject({ effect: { observed: true, evidence: 'done; n1 leads, and n2 led before' }, healed: { observed: true } });
  });

  it('names the first other node of the plan, if it is to', async () => {
    expect(await transfer.start({ kind: 'to-one', order: ORDER })).toMatchObject({ targets: ['n2', 'n3'], leader: 'n2' });
    expect(asked).toEqual([['n2', 'n3']]);
  });

  it('has no effect where the same node leads afterwards, or nobody led', async () => {
    Object.assign(test.run.system, { transfer: () => Promise.reject(new Error('not now')) });
    expect(await transfer.start({ kind: 'any', order: ORDER })).toMatchObject({ answer: 'not now' });
    expect(await transfer.stop()).toMatchObject({ effect: { observed: false, evidence: 'not now; n2 leads, and n2 led before' } });
    leader = undefined;
    expect(await transfer.start({ kind: 'any', order: ORDER })).toMatchObject({ leader: null, note: 'nobody leads now' });
    leader = 'n3';
    expect(await transfer.stop()).toMatchObject({ effect: { observed: false, evidence: 'nobody led; n3 leads, and nobody led before' } });
  });
});
