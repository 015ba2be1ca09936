import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { referenceText } from '../src/cli/reference.js';
import { main } from '../src/cli/main.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(argv: readonly string[], options: { readonly stdin?: string; readonly environment?: Record<string, string> } = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await main(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    environment: options.environment ?? {},
    signal: new AbortController().signal,
    terminal: false,
    columns: 100,
    stdin: Readable.from([Buffer.from(options.stdin ?? '')]),
  });
  return { code, out, err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const STALE = [
  '{"process":0,"type":"invoke","f":"write","value":1}',
  '{"process":0,"type":"ok","f":"write","value":1}',
  '{"process":1,"type":"invoke","f":"read","value":null}',
  '{"process":1,"type":"ok","f":"read","value":0}',
  '',
].join('\n');

describe('faultline check of a bare history', () => {
  it('finds the stale read, says so in words and exits 1', async () => {
    const { code, out } = await run(['check', file('stale.ndjson', STALE), '--model', 'register', '--init', '0']);
    expect(code).toBe(1);
    expect(out).toMatch(/^INVALID/);
    expect(out).toMatch(/#3/);
  });

  it('reads standard input and gives JSON', async () => {
    const { code, out } = await run(['check', '-', '--model', 'register', '--init', '0', '--json'], { stdin: STALE });
    expect(code).toBe(1);
    const document = JSON.parse(out) as { valid: boolean; anomalies: unknown[] };
    expect(document.valid).toBe(false);
    expect(document.anomalies.length).toBeGreaterThan(0);
  });

  it('accepts it with another initial value that nobody contradicts', async () => {
    const { code } = await run(['check', '-', '--model', 'register', '--init', 'null'], { stdin: STALE.replace('"value":0', '"value":1') });
    expect(code).toBe(0);
  });

  it('calls a history without operations unknown: it proves nothing', async () => {
    const { code, out } = await run(['check', '-', '--model', 'register'], { stdin: '{"process":"nemesis/kill","type":"info","f":"start","value":null}\n' });
    expect([code, out]).toEqual([2, expect.stringContaining('holds no operation of a client')]);
  });

  it('judges what precedes a torn last line, and says so', async () => {
    const { code, err } = await run(['check', file('torn.ndjson', `${STALE}{"process":0,"type":"inv`), '--model', 'register', '--init', '0']);
    expect(code).toBe(1);
    expect(err).toMatch(/line 5 was cut off/);
  });

  it('is unknown within no time', async () => {
    const ops = Array.from({ length: 400 }, (_, i) => ['invoke', 'info'].map((type) => JSON.stringify({ process: i, type, f: 'write', value: i % 3 })).join('\n'));
    const reads = Array.from({ length: 60 }, (_, i) => ['invoke', 'ok'].map((type) => JSON.stringify({ process: 1000, type, f: 'read', value: type === 'ok' ? (i * 7) % 3 : null })).join('\n'));
    const { code, out } = await run(['check', '-', '--model', 'register', '--init', '0', '--memory-limit', '1', '--time-limit', '1ms'], { stdin: [...ops, ...reads].join('\n') });
    expect([0, 2]).toContain(code);
    if (code === 2) expect(out).toMatch(/^UNKNOWN/);
  });
});

describe('mistakes end with one clear message, no stack trace, and exit code 254:', () => {
  it.each([
    [['test', '--nodes', 'five'], /--nodes: "five" is not a whole number/],
    [['test', '--workload', 'regster'], /unknown workload "regster".*register/],
    [['test', '--nemesis', 'meteor'], /unknown nemesis "meteor"/],
    [['test', '--system', 'etcd'], /unknown system "etcd"/],
    [['test', '--cluster', 'dokcer'], /unknown cluster/],
    [['test', '--bug', 'no-dedup'], /unknown bug of paxos "no-dedup". Did you mean no-dedupe\?/],
    [['test', '-o', 'q3=1'], /-o/],
    [['test', '--time', 'soon'], /--time: "soon" is not a duration/],
    [['test', '--nodse', '5'], /unknown option '--nodse'/],
    [['test', '--config', '/nowhere/faultline.json'], /cannot read the configuration file/],
    [['tset'], /unknown command 'tset'/],
    [['check'], /missing required argument/],
    [['check', '/nowhere'], /no such file or folder/],
    [['check', '-'], /needs --model/],
    [['check', '-', '--model', 'regster'], /unknown model "regster". Did you mean register\?/],
    [['check', '-', '--model', 'register', '--init', '{'], /--init: \{ is not JSON/],
    [['check', '-', '--model', 'register', '--format', 'xml'], /unknown format "xml"/],
    [['check', '-', '--model', 'stack', '--promise', 'cache'], /--promise cache: weaker promises are judged of registers, and stack is none/],
    [['check', '-', '--model', 'register', '--explain', '/no/where/x.html'], /no folder \/no\/where/],
    [['check', file('tuples.edn', '[0 :invoke :read [8 nil]]\n[0 :ok :read [8 3]]'), '--model', 'cas-register'], /event 0 reads \[8,null\], which is a \[key value\] tuple\n.*--keyed/],
    [['check', folder], /not the folder of a stored run/],
  ])('%j', async (argv, message) => {
    const { code, err, out } = await run(argv);
    expect(err).toMatch(message);
    expect(code).toBe(254);
    expect(out).toBe('');
    expect(err).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });

  it.each([
    ['not JSON', '{"process":0,"type":"invoke","f":"write","value":1}\n{oops}\n', /broken\.ndjson.*2/],
    ['no type', '{"process":0,"f":"write","value":1}\n', /type/],
    ['a completion without an invocation', '{"process":0,"type":"ok","f":"write","value":1}\n', /without an invocation/],
    ['two open invocations', '{"process":0,"type":"invoke","f":"read","value":null}\n{"process":0,"type":"invoke","f":"read","value":null}\n', /still open/],
  ])('a history with %s', async (_, text, message) => {
    const { code, err } = await run(['check', file('broken.ndjson', text), '--model', 'register']);
    expect(err).toMatch(message);
    expect(code).toBe(254);
  });
});

describe('faultline', () => {
  it('shows its help without an error, and usage with one when nothing was asked', async () => {
    expect((await run(['--help'])).code).toBe(0);
    expect((await run(['test', '--help'])).out).toMatch(/--nemesis/);
    expect((await run([])).code).toBe(254);
  });

  it('lists at least the nine bugs of the core', async () => {
    const { out } = await run(['bugs', '--json']);
    const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['own-value-after-prepare', 'accept-below-promise', 'ack-before-chosen', 'forget-accepted', 'local-read', 'leader-read-unchecked', 'no-dedupe', 'preempted-means-failed', 'no-backoff']));
  });

  it('prints the same plan for the same seed, and another for another', async () => {
    const plan = async (seed: string): Promise<string> => (await run(['plan', '--seed', seed, '--time', '10s'])).out.replace(/--seed \d+/, '');
    expect(await plan('7')).toBe(await plan('7'));
    expect(await plan('7')).not.toBe(await plan('8'));
    expect(await plan('7')).toMatch(/nemesis\/partition\s+start/);
  });

  it('says in the plan what test would do, bit for bit', async () => {
    expect((await run(['test', '--dry-run', '--seed', '7'])).out).toBe((await run(['plan', '--seed', '7'])).out);
  });

  it('notices a variable that is no option', async () => {
    expect((await run(['plan', '--seed', '1', '--time', '2s'], { environment: { FAULTLINE_NODSE: '3' } })).err).toMatch(/FAULTLINE_NODSE/);
  });

  it('has a reference page that is not stale (node bin/faultline.js reference > docs/reference.md)', () => {
    expect(readFileSync(new URL('../docs/reference.md', import.meta.url), 'utf8')).toBe(referenceText());
  });
});
