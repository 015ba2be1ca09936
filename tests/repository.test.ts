import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function tracked(): readonly string[] {
  return execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter((name) => /\.(ts|js|md|json|yml)$|^\.ci\//.test(name));
}

/** Places where time and chance enter: everywhere else they are handed in, so that a seed decides and a simulation can replace them. */
const CLOCKS = /^src\/(time|random)\/|^systems\/paxos\/server\/|^clusters\/docker\/agent\/|^bench\/|\.test\.ts$|\/testing\/|^src\/report\/html\/page/;

describe('the repository', () => {
  it('reads no clock and rolls no dice outside src/time and src/random', () => {
    const culprits = tracked()
      .filter((name) => name.endsWith('.ts') && !CLOCKS.test(name))
      .filter((name) => /\bDate\.now\(|\bMath\.random\(|\bperformance\.now\(|\bnew Date\(\)|\bhrtime\b/.test(readFileSync(join(ROOT, name), 'utf8')));
    expect(culprits).toEqual([]);
  });

  it('sets no deadline that the garbage collector may take away: within() instead of AbortSignal.timeout', () => {
    const culprits = tracked()
      .filter((name) => name.endsWith('.ts') && !/^src\/time\/within\.ts$|\.test\.ts$|\/testing\//.test(name))
      .filter((name) => /\bAbortSignal\.timeout\(/.test(readFileSync(join(ROOT, name), 'utf8')));
    expect(culprits).toEqual([]);
  });

  it('takes deadlines of a run from its clock: within() alone is real time, which a simulation has none of', () => {
    const culprits = tracked()
      .filter((name) => /^(src\/runner|nemeses|workloads|systems)\/.*\.ts$/.test(name) && !/\.test\.ts$|\/testing\/|^systems\/paxos\/http-client\.ts$/.test(name))
      .filter((name) => /(?<![.\w])within\(|(?<![.\w])wallClock\(/.test(readFileSync(join(ROOT, name), 'utf8')));
    expect(culprits).toEqual([]);
  });

  it('has no blanket disables and no unfinished business', () => {
    const marks = new RegExp(['@ts-' + 'ignore', '@ts-' + 'nocheck', 'eslint-' + 'disable(?!-next-line)', 'TO' + 'DO', 'FIX' + 'ME', '\\.' + 'only\\('].join('|'));
    const culprits = tracked().filter((name) => name !== 'package-lock.json' && marks.test(readFileSync(join(ROOT, name), 'utf8')));
    expect(culprits).toEqual([]);
  });
});
