import { describe, expect, test } from 'vitest';
import { Intake } from './intake.js';

describe('the agent\'s intake', () => {
  const taken = (...lines: readonly string[]): readonly string[] => {
    const intake = new Intake();
    return lines.filter((line) => intake.takes(line));
  };

  test('passes over what comes before the first request', () => {
    const body = '{"stream":true,"hijack":true,"stdin":true,"stdout":true,"stderr":true}';
    expect(taken(body, '', '{"id":1,"op":"ping"}')).toEqual(['{"id":1,"op":"ping"}']);
    expect(taken('null', '{"stream":tr', '{"id":1,"op":"ping"}')).toEqual(['{"id":1,"op":"ping"}']);
  });

  test('takes every line from then on, so that what is wrong with it is said', () => {
    expect(taken('{"id":1,"op":"ping"}', '', 'nonsense', '{"op":"ping"}')).toEqual(['{"id":1,"op":"ping"}', 'nonsense', '{"op":"ping"}']);
  });
});
