import { describe, expect, it } from 'vitest';
import type { SynodHost } from './host.js';
import { respond, type SynodAnswer, type SynodRequest } from './http.js';

/** What a node answers, and the keys that it was asked to decide. */
function asked(request: SynodRequest): { readonly answer: SynodAnswer | undefined; readonly keys: readonly string[] } {
  const keys: string[] = [];
  let answer: SynodAnswer | undefined;
  const host = { propose: (key: string) => keys.push(key) } as unknown as SynodHost;
  respond(request, { host, about: { node: 1, incarnation: 1 }, wallMs: () => 0 }, (given) => { answer = given; });
  return { answer, keys };
}

describe('a key in a path', () => {
  it('is decoded', () => {
    expect(asked({ method: 'POST', path: '/decide/a%2Fb', body: 1 }).keys).toEqual(['a/b']);
  });

  it('that is no well-formed encoding is refused, and nothing is proposed', () => {
    for (const path of ['/decide/%', '/decide/%E0%A4%A', '/decide/%zz']) {
      const { answer, keys } = asked({ method: 'POST', path, body: 1 });
      expect([path, answer?.status, keys]).toEqual([path, 404, []]);
    }
  });
});
