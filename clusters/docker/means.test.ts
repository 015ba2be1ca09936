import { describe, expect, it } from 'vitest';
import { FaultlineError } from '../../src/index.js';
import { WHOLE } from '../shared/link-state.js';
import { meansFound, meansOf, type LinkMeans } from './means.js';

const promised: LinkMeans = { nft: { ok: true, by: 'nftables' }, packets: { ok: true, by: 'nfqueue' }, duplicate: { ok: true, by: 'nftables dup' } };
const slow = { ...WHOLE, delayMs: 5 };

describe('the means that the agents found', () => {
  it('stand in the history, whatever the doctor was promised', () => {
    const means = meansFound(promised, new Map([['n1', { by: 'netem' }], ['n2', { by: 'netem' }]]), ['links', 'link-delay']);
    expect(meansOf(means, [slow])).toBe('netem');
    expect(meansOf(means, [{ ...slow, drop: 'stall' }])).toBe('nftables + netem');
  });

  it('are refused where the run needs more, by node, need and reason', () => {
    const trials = new Map([['n1', { by: 'nfqueue' }], ['n2', { why: 'nfqueue: python3: exit code 1; netem: Operation not permitted' }]] as const);
    const refused = (): unknown => meansFound(promised, trials, ['kill', 'link-loss', 'link-delay']);
    expect(refused).toThrow('n2: the run needs link-delay, link-loss, and the agent in its holder cannot make them: nfqueue: python3: exit code 1; netem: Operation not permitted');
    expect(refused).toThrow(FaultlineError);
    expect(meansOf(meansFound(promised, trials, ['links', 'kill']), [slow])).toBe('nothing');
  });
});
