import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ednOf } from '../export/index.js';
import { OrdinaryForms } from './edn-ordinary.js';
import { plain, readEdn } from './edn.js';

const forms = new OrdinaryForms();

/** Pieces of EDN put together at random: seldom well formed, and never harmless. */
const scraps = fc.array(fc.constantFrom('{', '}', '[', ']', '(', ')', ':a', ':type', ':a/b', ' ', ', ', '\n', '1', '-7', '007', '-0', '1.5', '2N', '1234567890123456', '"x"', '"\\n"', '"', 'nil', 'nils', 'true', 'false', '#{', '#_', ';c\n', '\\a', '^', '##Inf', ':__proto__', ':', 'sym', '1x', 'é'), { maxLength: 24 });

describe('OrdinaryForms', () => {
  it('gives what the general reader gives, or leaves it alone', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.constantFrom('{', '[', '('), scraps, (open, rest) => {
        const text = `${open}${rest.join('')}`;
        const found = forms.read(text, 0);
        if (found === undefined) return;
        read++;
        const own = text.slice(0, forms.end);
        expect(readEdn(own, 'h').map(plain)).toEqual([found]);
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  it('takes of a map what an event has', () => {
    const named = fc.constantFrom(':type', ':f', ':value', ':process', ':time', ':key', ':node', ':error', ':index', ':x', '"f"', 'f', ':__proto__', ':a/f', ':fa');
    const item = fc.constantFrom(':ok', '1', 'nil', '"x"', '[1 2]', '{:f 1}', '{:f 1.5}', '#{}', 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(named, item), { maxLength: 9 }), (fields) => {
        const text = `{${fields.map((field) => field.join(' ')).join(', ')}}`;
        const found = forms.event(text, 0);
        if (found === undefined) return;
        expect(forms.end).toBe(text.length);
        const { type, f, value, process, time, key, node, error } = readEdn(text, 'h').map(plain)[0] as Readonly<Record<string, unknown>>;
        expect(found).toStrictEqual({ type, f, value, process, time, key, node, error });
      }),
      { numRuns: 3000 },
    );
  });

  it('reads what is written, at any offset, and takes nothing for whole that is cut off', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('type', 'f', 'value', 'process', 'x'), fc.oneof(fc.integer(), fc.constant(null), fc.boolean(), fc.constantFrom('a', 'b c', 'é'), fc.array(fc.nat()))), fc.nat(), (fields, cut) => {
        const text = ednOf(fields);
        expect(forms.read(`; ${text} `, 2)).toEqual(fields);
        expect(forms.end).toBe(2 + text.length);
        expect(forms.read(text.slice(0, cut % text.length), 0)).toBeUndefined();
      }),
    );
  });

  it.each(['{:a 1.5}', '{:a "\\n"}', '{a 1}', '{"a" 1}', '[#{1}]', '{:a 1 :b}', '[1 ; x\n]', '7', 'nil', '{:a 12345678901234567890}', '{:__proto__ 1}', '[nils]'])('leaves %s to the general reader', (text) => {
    expect(forms.read(text, 0)).toBeUndefined();
  });
});
