import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systems } from '../src/registry.js';

it('docs/mutants.md has a row for every bug and every control, in the order of the list', () => {
  const rows = readFileSync(new URL('../docs/mutants.md', import.meta.url), 'utf8').split('\n').flatMap((line) => /^\| `([a-z0-9-]+)` \|/.exec(line)?.[1] ?? []);
  const all = Object.values(systems).filter(({ simulate }) => simulate !== undefined);
  const expected = [...all.flatMap(({ bugs = [] }) => bugs.map(({ name }) => name)), ...all.flatMap(({ controls = [] }) => controls.map(({ name }) => name))];
  expect([...rows].sort()).toEqual([...expected].sort());
});
