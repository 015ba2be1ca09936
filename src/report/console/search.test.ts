import { describe, expect, it } from 'vitest';
import { realClock, type Clock } from '../../time/clock.js';
import { SearchProgressLine, searchSummaryText } from './index.js';

const STATE = { runs: 1234, failures: 0, states: 5678, virtualMs: 3_600_000, operations: 98_765 };
const OUTCOME = {
  runs: 1000, failures: 2, states: 321, operations: 50_000, faults: 4000, virtualMs: 6_000_000, seconds: 60,
  verdicts: { invalid: 1, 'safe but stuck': 1, unknown: 3, valid: 995 },
  exercised: { elections: { runs: 900, sum: 5000 }, snapshotsInstalled: { runs: 4, sum: 7 }, leaseRefused: { runs: 0, sum: 0 } },
  found: [{ plan: { seed: 17 }, headline: 'A promise was broken.' }, { plan: { seed: 18 }, headline: 'Safe but stuck.' }],
};

describe('the line on how far a search is', () => {
  function line(terminal: boolean, columns = 400): { readonly made: SearchProgressLine; readonly written: string[]; readonly pass: (seconds: number) => void } {
    let now = 0;
    const clock: Clock = { ...realClock(), now: () => now };
    const written: string[] = [];
    const made = new SearchProgressLine({ write: (text) => void written.push(text), terminal, columns, runs: 20_000, clock });
    return { made, written, pass: (seconds) => void (now += seconds * 1e9) };
  }

  it('off a terminal is written every ten seconds, whatever happens meanwhile, and nothing at the end', () => {
    const { made, written, pass } = line(false);
    for (let i = 0; i < 24; i++) {
      pass(1);
      made.update(STATE);
    }
    made.end();
    expect(written.length).toBe(2);
    expect(written[0]).toBe('1,234 of 20,000 runs, 123.4/s; 60 simulated minutes, 360 times real time; 98,765 operations; 5,678 abstract states; no failure\n');
  });

  it('on a terminal is drawn five times a second, over the last, within its width, and wiped at the end', () => {
    const { made, written, pass } = line(true, 40);
    for (let i = 0; i < 20; i++) {
      pass(0.1);
      made.update({ ...STATE, failures: 3 });
    }
    expect(written.length).toBe(10);
    for (const text of written) {
      expect(text.startsWith('\r\u001b[2K')).toBe(true);
      expect(text.slice(5).length).toBeLessThan(40);
      expect(text).not.toContain('\n');
    }
    made.end();
    expect(written.at(-1)).toBe('\r\u001b[2K');
  });

  it('says how many failed', () => {
    const { made, written, pass } = line(false);
    pass(10);
    made.update({ ...STATE, failures: 3 });
    expect(written[0]).toMatch(/; 3 failed\n$/);
  });
});

describe('the summary of a search', () => {
  it('says what was run, what happened, what did not, and what was found', () => {
    const words = searchSummaryText(OUTCOME, 110).replaceAll('\n', ' ');
    expect(words).toContain('1,000 runs in 60.0 s: 1 invalid, 1 safe but stuck, 3 showed too little (unknown), 995 valid.');
    expect(words).toContain('100.0 simulated minutes (100 times real time), 50,000 operations under 4,000 faults, 321 abstract states of the cluster.');
    expect(words).toContain('2 of the 3 things that the nodes count happened; never: leaseRefused; in less than a hundredth of the runs: snapshotsInstalled 4.');
    expect(words).toContain('seed 17: A promise was broken. seed 18: Safe but stuck.');
  });

  it('names five failures at most', () => {
    const found = Array.from({ length: 9 }, (_, seed) => ({ plan: { seed }, headline: 'broken' }));
    expect(searchSummaryText({ ...OUTCOME, found }, 80).match(/^seed \d: broken$/gm)?.length).toBe(5);
  });

  it('keeps to the width', () => {
    for (const columns of [40, 60, 200]) for (const text of searchSummaryText(OUTCOME, columns).split('\n')) expect(text.length).toBeLessThanOrEqual(Math.min(columns, 110));
  });

  it('has words for a search in which nothing happened', () => {
    expect(searchSummaryText({ ...OUTCOME, runs: 0, virtualMs: 0, seconds: 0, verdicts: {}, exercised: {}, found: [] }, 110)).toContain('0 runs in 0.0 s');
  });
});
