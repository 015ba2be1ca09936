import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadOptions } from './load.js';
import { TEST_OPTIONS } from './test-options.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function configFile(text: string): string {
  const path = join(folder, 'faultline.json');
  writeFileSync(path, text);
  return path;
}

function load(flags: Record<string, unknown>, environment: Record<string, string> = {}, file = '{}'): ReturnType<typeof loadOptions<typeof TEST_OPTIONS>> {
  return loadOptions(TEST_OPTIONS, { flags, environment, configFile: configFile(file) });
}

describe('options', () => {
  it('come from flags over environment over file', () => {
    const file = '{"nodes": 9, "rate": 7, "time": "90s"}';
    const options = load({ nodes: '3' }, { FAULTLINE_NODES: '5', FAULTLINE_RATE: '50' }, file);
    expect(options.nodes).toBe(3);
    expect(options.rate).toBe(50);
    expect(options.time).toBe(90_000);
    expect(options.seed).toBeUndefined();
  });

  it('read lists, switches, pairs and concurrency', () => {
    const options = load({ bug: 'no-dedupe,local-read', option: 'q1=4,reads=log', concurrency: '2n', json: true }, {}, '{"nemesis": ["kill", "pause"]}');
    expect(options.bug).toEqual(['no-dedupe', 'local-read']);
    expect(options.option).toEqual({ q1: 4, reads: 'log' });
    expect(options.concurrency).toEqual({ count: 2, perNode: true });
    expect(options.json).toBe(true);
    expect(options.nemesis).toEqual(['kill', 'pause']);
  });

  it.each([
    [{ nodes: 'five' }, {}, '{}', /--nodes: "five" is not a whole number/],
    [{ nodes: '0' }, {}, '{}', /--nodes/],
    [{}, { FAULTLINE_TIME: 'soon' }, '{}', /FAULTLINE_TIME: "soon" is not a duration/],
    [{}, {}, '{"rate": -1}', /faultline\.json: rate/],
    [{}, {}, '{"node": 3}', /faultline\.json: unknown option "node"/],
    [{}, {}, '{"nodes": }', /faultline\.json: not JSON/],
    [{}, {}, '[1]', /faultline\.json/],
    [{ concurrency: 'many' }, {}, '{}', /--concurrency/],
    [{ option: 'q1' }, {}, '{}', /--option: "q1" is not key=value/],
    [{ callTimeout: '1ms' }, {}, '{}', /--call-timeout/],
    [{ suite: '../up' }, {}, '{}', /--suite/],
  ])('of %j, %j, %s are refused by name', (flags, environment, file, message) => {
    expect(() => load(flags, environment, file)).toThrow(message);
  });

  it('say that a named file cannot be read', () => {
    expect(() => loadOptions(TEST_OPTIONS, { flags: {}, environment: {}, configFile: join(folder, 'missing.json') })).toThrow(/cannot read the configuration file/);
  });
});
