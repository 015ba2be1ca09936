import { z } from 'zod';
import { FaultlineError, type Checker, type CheckerRef } from '../src/index.js';
import { append } from './append/index.js';
import { consistency, LEVELS } from './consistency/index.js';
import { counter } from './counter/index.js';
import { coverage } from './coverage/index.js';
import { linearizable, modelOf } from './linearizable/index.js';
import { liveness } from './liveness/index.js';
import { stats } from './stats/index.js';
import { watched } from './streaming/index.js';

export { append } from './append/index.js';
export { checkHistory, operationsIn } from './check-history.js';
export * from './consistency/index.js';
export { judge, type CheckerOutcome, type Judgement } from './combine.js';
export { counter } from './counter/index.js';
export { coverage } from './coverage/index.js';
export * from './linearizable/index.js';
export { liveness } from './liveness/index.js';
export { stats } from './stats/index.js';
export * from './streaming/index.js';

/** Makes a checker of its options. Throws FaultlineError (usage) for options it does not know. */
export type CheckerFactory = (options?: unknown) => Checker;

/** The checkers by name: what a workload refers to. */
export const checkers: Readonly<Record<string, CheckerFactory>> = {
  linearizable: (options) => {
    const chosen = parsed('linearizable', z.strictObject({ model: z.string(), init: z.unknown() }).partial({ init: true }), options);
    return watched(linearizable(chosen), modelOf(chosen.model), chosen.init);
  },
  consistency: (options) => consistency(parsed('consistency', z.strictObject({ level: z.enum(LEVELS).default('sequential'), init: z.unknown() }).partial({ init: true }), options)),
  append: without(watched(append, modelOf('append-list'))),
  counter: without(watched(counter, modelOf('counter'))),
  stats: without(stats),
  liveness: without(liveness),
  coverage: without(coverage),
};

/** The checkers of every run, besides the workload's. */
export const standardCheckers: readonly Checker[] = [stats, liveness, coverage];

/** The checker that a workload refers to, or brings along. Throws FaultlineError `unknown-checker` or `bad-checker-options` (usage). */
export function checkerOf(ref: CheckerRef): Checker {
  if (!('checker' in ref)) return ref;
  const factory = checkers[ref.checker];
  if (factory !== undefined) return factory(ref.options);
  throw new FaultlineError('unknown-checker', `there is no checker "${ref.checker}"`, { kind: 'usage', hint: `Known are: ${Object.keys(checkers).join(', ')}.` });
}

function without(checker: Checker): CheckerFactory {
  return (options) => {
    parsed(checker.name, z.strictObject({}), options ?? {});
    return checker;
  };
}

function parsed<T extends z.ZodType>(name: string, schema: T, options: unknown): z.infer<T> {
  const result = schema.safeParse(options ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new FaultlineError('bad-checker-options', `checker ${name}: ${[...(issue?.path ?? []), issue?.message ?? 'bad options'].join(': ')}`, {
    kind: 'usage',
    hint: 'See the reference of checkers for its options.',
  });
}
