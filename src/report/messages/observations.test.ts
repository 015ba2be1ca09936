import { describe, expect, it } from 'vitest';
import { observations } from './observations.js';
import { storyOf } from './story.js';
import { staleRead } from './testing/stale-read.js';

describe('observations', () => {
  it('say in words what went wrong', () => {
    const input = staleRead({ seed: 1 });
    const facts = observations(storyOf(input, input.anomalies[0]));
    expect(facts[0]).toMatch(/^n1 and n3 both take themselves for leader from/);
    expect(facts.find((fact) => fact.startsWith('#6 read x'))).toContain('only n1 had a part in it');
    expect(facts.at(-1)).toMatch(/did not arrive: 3 cut/);
  });
});
