import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { runOnce } from '../src/search/run-once.js';
import { planSchema } from '../src/store/schema.js';

const FOLDER = new URL('regressions/', import.meta.url);
const caseSchema = z.strictObject({ why: z.string(), plan: planSchema });

/** Plans with which the correct services, or the tool, once went wrong: with everything that the seed had decided then, so that they stay what they are. */
it.each(readdirSync(FOLDER).sort())('%s does not fail any more', { timeout: 60_000 }, async (name) => {
  const { why, plan } = caseSchema.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')));
  expect(why.length).toBeGreaterThan(20);
  const { results } = await runOnce(plan, new AbortController().signal);
  expect(results.verdict, `${why} ${results.headline}`).not.toBe('invalid');
});
