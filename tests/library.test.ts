import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { operationsOf, historyOf } from '../checkers/testing/arbitrary.js';
import { queueMachine } from '../checkers/testing/machines.js';
import * as library from '../checkers/library.js';
import { checkLinearizable, checkLinearizableParallel, checkPromise, defineModel, models, Recorder, registerModel, type GivenHistory, type HistoryEvent, type HistoryOperation } from '../checkers/library.js';
import { checkOperations } from '../checkers/linearizable/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples/library');
const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.mjs'));
const document = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const { exports: entries } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>> };
const entry = entries['./checkers'];
const missing = [entry?.types, entry?.default].find((file) => file === undefined || !existsSync(join(ROOT, file)));
const built = missing === undefined;
const unlessBuilt = built ? '' : ` (skipped: ${missing ?? 'exports of ./checkers'} is missing, npm run build makes it)`;

const READ_STALE: readonly HistoryOperation[] = [
  { f: 'write', value: 1, start: 0, end: 1 },
  { f: 'read', result: 0, start: 2, end: 3 },
];

/** Modules that importing the library may load, all of them ours. */
const MOST_MODULES = 8;

describe('faultline/checkers', () => {
  it.skipIf(!built).each(examples)(`runs examples/library/%s${unlessBuilt}`, (name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(EXAMPLES, name)], { cwd: ROOT, encoding: 'utf8', timeout: 25_000 });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).not.toBe('');
  });

  it.skipIf(!built)(`loads no npm package, shares its errors with the rest of the package, and loads at most ${MOST_MODULES} modules${unlessBuilt}`, () => {
    const hooks = `let port; export async function initialize(data) { port = data.port; }
      export async function load(url, context, next) { port.postMessage(url); return next(url, context); }`;
    const script = `import { register } from 'node:module'; import { MessageChannel } from 'node:worker_threads';
      const { port1, port2 } = new MessageChannel(); const loaded = [];
      port1.on('message', (url) => loaded.push(url)); port1.unref();
      register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)}, { data: { port: port2 }, transferList: [port2] });
      const { FaultlineError } = await import('faultline/checkers');
      await new Promise((resolve) => setTimeout(resolve, 200));
      const all = [...loaded];
      process.stdout.write(JSON.stringify({ loaded: all, one: FaultlineError === (await import('faultline')).FaultlineError }));`;
    const { loaded, one } = JSON.parse(execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' })) as { readonly loaded: readonly string[]; readonly one: boolean };
    expect(one).toBe(true);
    const files = loaded.filter((url) => url.startsWith('file:'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.length).toBeLessThanOrEqual(MOST_MODULES);
    expect(files.filter((url) => /node_modules|\bcommander\b|new ZodType|ZodObject/.test(url + readFileSync(fileURLToPath(url), 'utf8')))).toEqual([]);
  });

  it.skipIf(!built)(`has types that take what is right and nothing else${unlessBuilt}`, () => {
    const program = ts.createProgram([join(ROOT, 'tests/library-usage.ts')], { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2023, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true, types: [] });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  }, 60_000);

  it('exports every model under its name', () => {
    const names = Object.keys(models).map((name) => `${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Model`);
    expect(Object.keys(library).filter((name) => name.endsWith('Model') && name !== 'defineModel').sort()).toEqual(names.sort());
    expect(library.casRegisterModel).toBe(models['cas-register']);
  });
});

describe('docs/library.md', () => {
  it.each(examples)('shows %s as it is', (name) => {
    expect(document).toContain(`[examples/library/${name}](../examples/library/${name})\n\n\`\`\`js\n${readFileSync(join(EXAMPLES, name), 'utf8')}\`\`\`\n`);
  });

  it('names every export', () => {
    for (const name of Object.keys(library).filter((other) => other !== 'models' && other !== 'PROMISES')) expect(document, name).toContain(name);
    for (const level of Object.keys(library.PROMISES)) expect(document).toContain(`\`${level}\``);
  });
});

describe('checkLinearizable', () => {
  it('says which operations contradict themselves, by their positions, and why as data', () => {
    const { valid, anomalies, explained, findings } = checkLinearizable(READ_STALE.toReversed(), registerModel, { initial: 0 });
    expect(valid).toBe(false);
    expect(anomalies.map(({ at }) => at.toSorted())).toEqual([[0, 1]]);
    expect(explained[0]?.operations.map(({ call, begin }) => [call, begin])).toEqual([['write 1', 0], ['read 0', 2]]);
    expect(findings[0]?.counterexample).toHaveLength(2);
  });

  it('gives one verdict on a history, as events or as operations in any order', () => {
    fc.assert(
      fc.property(historyOf(queueMachine('unique'), { maxOps: 8, processes: 3, edited: true }), fc.infiniteStream(fc.nat()), (ops, keys) => {
        const paired = operationsOf(ops);
        const expected = checkOperations(paired, 'fifo-queue', { timeLimitMs: 9000, memoryLimitBytes: 2 ** 29 }).valid;
        const shuffled = paired.map(({ invoke, completion }) => ({ order: Number(keys.next().value), item: operation(invoke, completion) })).sort((a, b) => a.order - b.order).map(({ item }) => item);
        expect(checkLinearizable(ops as readonly HistoryEvent[], 'fifo-queue').valid).toBe(expected);
        expect(checkLinearizable(shuffled, 'fifo-queue').valid).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('takes operations that touch for concurrent, and those without an end for unknown', () => {
    const touching = [{ f: 'write', value: 1, start: 0, end: 2 }, { f: 'read', result: null, start: 2, end: 3 }];
    expect(checkLinearizable(touching, registerModel).valid).toBe(true);
    const pending = [{ f: 'write', value: 1, start: 0 }, { f: 'read', result: null, start: 5, end: 6 }, { f: 'read', result: 1, start: 7, end: 8 }];
    expect(checkLinearizable(pending, registerModel).valid).toBe(true);
    expect(checkLinearizable([{ f: 'write', value: 1, start: 0, end: 9, type: 'fail' }, ...pending.slice(1)], registerModel).valid).toBe(false);
  });

  it('keeps keys apart, passes over those that are no clients, and knows the empty history', async () => {
    const keyed = READ_STALE.map((item, i) => ({ ...item, key: i }));
    expect(checkLinearizable(keyed, registerModel, { initial: 0 }).valid).toBe(true);
    expect(checkLinearizable([{ process: 'nemesis', type: 'info', f: 'start' }, { process: 0, type: 'invoke', f: 'read' }], registerModel).valid).toBe(true);
    expect(checkLinearizable([], registerModel).valid).toBe(true);
    expect((await checkLinearizableParallel(READ_STALE, registerModel, { initial: 0 })).valid).toBe(false);
  });

  const light = { name: 'light', operations: { toggle: 'null -> whether it is on' }, init: () => false };
  const toggled = (result: boolean, start: number): HistoryOperation => ({ f: 'toggle', result, start, end: start + 1 });

  it('takes a model of one\'s own, by answers or by steps', () => {
    const byAnswers = defineModel({ ...light, apply: (on: boolean) => ({ state: !on, result: !on }) });
    const bySteps = defineModel({ ...light, step: (on: boolean, { result }) => (result === undefined || result === !on ? !on : undefined) });
    for (const model of [byAnswers, bySteps]) {
      expect(checkLinearizable([toggled(true, 0), toggled(false, 2)], model).valid).toBe(true);
      expect(checkLinearizable([toggled(true, 0), toggled(true, 2)], model).valid).toBe(false);
      expect(checkLinearizable([toggled(true, 0), { f: 'toggle', start: 1 }, toggled(true, 4)], model).valid).toBe(true);
    }
  });

  it('refuses states that it cannot tell apart', () => {
    const model = defineModel({ ...light, init: () => new Set<number>(), apply: (state: Set<number>) => ({ state }) });
    expect(() => checkLinearizable([toggled(true, 0)], model)).toThrow(/the model light: its state holds what cannot be compared: a Set/);
  });

  it.each<readonly [string, unknown, unknown, RegExp]>([
    ['no array', { a: 1 }, 'register', /^history: expected an array of events or of operations, found an object/],
    ['null', [null], 'register', /^event 0: expected an object, found null/],
    ['no type', [{ process: 0, f: 'read' }], 'register', /^event 0: type: expected invoke, ok, fail or info, found nothing/],
    ['no process', [{ type: 'invoke', f: 'read' }], 'register', /^event 0: process: expected a whole number from 0 up, found nothing/],
    ['names alone', [{ process: 'a', type: 'invoke', f: 'read' }], 'register', /^event 0: process: "a" is a name/],
    ['no name', [{ process: 0, type: 'invoke' }], 'register', /^event 0: f: expected the name of an operation, found nothing/],
    ['a completion alone', [{ process: 0, type: 'ok', f: 'read' }], 'register', /^event 0: completion \(ok read\) of process 0 without an invocation/],
    ['another completion', [{ process: 0, type: 'invoke', f: 'read' }, { process: 0, type: 'ok', f: 'write' }], 'register', /^event 1: process 0 completes write, but it invoked read/],
    ['a mixture', [{ process: 0, type: 'invoke', f: 'read' }, ...READ_STALE], 'register', /^event 1: has a start, but event 0 has none/],
    ['no start', [...READ_STALE, { f: 'read' }], 'register', /^operation 2: start: expected a number, found nothing/],
    ['a bigint', [{ f: 'read', start: 1n }], 'register', /^operation 0: start: expected a number, found the bigint 1/],
    ['time that goes back', [{ f: 'read', start: 2, end: 1 }], 'register', /^operation 0: it ends \(1\) before it starts \(2\)/],
    ['a result without end', [{ f: 'read', start: 2, result: 7 }], 'register', /^operation 0: it has a result, but no end/],
    ['ok without end', [{ f: 'read', start: 2, type: 'ok' }], 'register', /^operation 0: it is ok, but has no end/],
    ['a process here and there', [{ f: 'read', start: 2, process: 1 }, { f: 'read', start: 2 }], 'register', /^operation 1: has no process, but 1 of 2/],
    ['a Map', [{ f: 'write', value: { a: [new Map()] }, start: 2 }], 'register', /^operation 0: value: a Map is not JSON data/],
    ['NaN', [{ f: 'write', value: NaN, start: 2 }], 'register', /^operation 0: value: NaN is not JSON data/],
    ['an object for a key', [{ f: 'read', key: {}, start: 2 }], 'register', /^operation 0: key: expected a string or a number, found \{\}/],
    ['another operation', [...READ_STALE, { f: 'pop', start: 9 }], registerModel, /^operation 2: the model register has no operation "pop"/],
    ['no such model', [], 'regster', /^there is no model "regster"/],
    ['no model', [], undefined, /^a model needs a name/],
    ['half a model', [], { name: 'x', operations: {} }, /^the model x needs init\(\), a function/],
  ])('says what is wrong, where, and what to do: %s', (_, history, model, message) => {
    const check = (): unknown => checkLinearizable(history as GivenHistory, model as string);
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ name: 'FaultlineError', hint: expect.stringMatching(/./) as string }));
  });

  it('refuses limits that are none', () => {
    expect(() => checkLinearizable([], registerModel, { timeLimitMs: -1 })).toThrow(/timeLimitMs: expected a number above 0/);
  });
});

describe('checkPromise', () => {
  it('judges sessions, and needs to know them', () => {
    const sessions = READ_STALE.map((item, process) => ({ ...item, process }));
    expect(checkPromise('sequential', sessions, { initial: 0 }).valid).toBe(true);
    expect(checkPromise('read-your-writes', sessions.map((item) => ({ ...item, process: 0 })), { initial: 0 })).toMatchObject({ valid: false, anomalies: [{ at: [0, 1] }] });
    expect(() => checkPromise('sequential', READ_STALE)).toThrow(/operation 0: it has no process/);
    expect(() => checkPromise('eventual' as 'cache', [])).toThrow(/there is no promise "eventual"/);
  });
});

describe('Recorder', () => {
  it('takes an error for unknown, unless it proves that nothing happened', async () => {
    const recorder = new Recorder();
    const refuse = (): never => { throw new Error('full'); };
    expect(await recorder.run(0, 'read', null, () => 7, { key: 'k' })).toBe(7);
    await expect(recorder.run(0, 'write', 1, refuse)).rejects.toThrow('full');
    await expect(recorder.run(0, 'write', 2, refuse, { isFailure: (error) => (error as Error).message === 'full' })).rejects.toThrow('full');
    expect(recorder.history.map(({ type, value, key }) => [type, value, key])).toEqual([['invoke', null, 'k'], ['ok', 7, 'k'], ['invoke', 1, undefined], ['info', 1, undefined], ['invoke', 2, undefined], ['fail', 2, undefined]]);
  });
});

function operation(invoke: { readonly f: string; readonly value: unknown; readonly index: number }, completion: { readonly type: string; readonly value: unknown; readonly index: number } | undefined): HistoryOperation {
  const { f, value, index: start } = invoke;
  if (completion === undefined) return { f, value, start };
  const type = completion.type as 'ok' | 'fail' | 'info';
  return { f, value, start, end: completion.index, type, ...(type === 'ok' ? { result: completion.value } : {}) };
}
