import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, violations } from './import-rules.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['src', 'clusters', 'systems', 'nemeses', 'workloads', 'checkers', 'bench'];

function sources(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  ).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts') && !name.includes('/testing/'));
}

describe('import rules', () => {
  it('hold for every source file', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => violations(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it.each([
    ['systems/paxos/core/replica.ts', "import { z } from 'zod';"],
    ['systems/paxos/core/replica.ts', "import { readFileSync } from 'node:fs';"],
    ['systems/paxos/core/replica.ts', "import type { Op } from '../../../src/history/op.js';"],
    ['systems/paxos/client.ts', "import { History } from '../../src/history/history.js';"],
    ['checkers/append/index.ts', "export * from '../../src/runner/checker.js';"],
    ['src/history/journal.ts', "import { op } from '../generator/types.js';"],
    ['src/report/console.ts', "const x = await import('../runner/interpreter.js');"],
    ['src/explore/explore.ts', "import { realClock } from '../time/clock.js';"],
    ['systems/paxos/explore/index.ts', "import { readFileSync } from 'node:fs';"],
    ['src/runner/test-run.ts', "import { main } from '../cli/main.js';"],
    ['src/runner/test-run.ts', "import { paxosSystem } from '../../systems/paxos/index.js';"],
  ])('forbid in %s: %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });

  it.each([
    ['systems/paxos/core/replica.ts', "import { x } from './types.js';"],
    ['systems/paxos/server/host.ts', "import { step } from '../core/index.js'; import { z } from 'zod';"],
    ['systems/paxos/explore/index.ts', "import { step } from '../core/index.js'; import { explore } from '../../../src/index.js';"],
    ['nemeses/kill/index.ts', "import { FaultlineError } from '../../src/index.js';"],
    ['src/cli/main.ts', "import { registry } from '../registry.js';"],
  ])('allow in %s: %s', (file, source) => {
    expect(violations(file, source)).toEqual([]);
  });

  it('see every form of import', () => {
    expect(importsOf(`import 'a'; import x from "b"; export * from 'c'; const d = import('d'); import type { T } from 'e';\nimport {\n y,\n} from 'f';`)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
