import { EXIT, FaultlineError, mergeVerdicts, messageOf, type CheckContext, type Checker, type CheckResult, type History, type Verdict } from '../src/index.js';

/** What came of one checker: a verdict, or a crash of the tool, which is no verdict. */
export type CheckerOutcome =
  | { readonly name: string; readonly judges: Checker['judges']; readonly status: 'judged'; readonly result: CheckResult }
  | { readonly name: string; readonly judges: Checker['judges']; readonly status: 'crash'; readonly error: string; readonly stack?: string };

/** The verdict over all checkers. */
export interface Judgement {
  /** Merged over the checkers that judged; not `true` if one of them crashed. */
  readonly valid: Verdict;
  /** What made it so, if it is not true: a broken promise beats "safe but stuck", which beats what remained unknown. */
  readonly kind: Checker['judges'] | undefined;
  /** Names of checkers that crashed. */
  readonly crashed: readonly string[];
  /** One line. */
  readonly summary: string;
  readonly outcomes: readonly CheckerOutcome[];
}

const BY_WEIGHT: readonly Checker['judges'][] = ['safety', 'liveness', 'coverage'];

/**
 * Runs checkers over a history, one after the other, each isolated from the others' crashes.
 * Throws FaultlineError (usage) only: a history or options that a checker cannot be asked about are the caller's mistake.
 */
export async function judge(checkers: readonly Checker[], history: History, context: CheckContext): Promise<Judgement> {
  const outcomes: CheckerOutcome[] = [];
  for (const checker of checkers) outcomes.push(await outcomeOf(checker, history, context));
  const judged = outcomes.flatMap((outcome) => (outcome.status === 'judged' ? [{ ...outcome, valid: verdictOf(outcome) }] : []));
  const crashed = outcomes.flatMap((outcome) => (outcome.status === 'crash' ? outcome.name : []));
  const merged = mergeVerdicts(judged.map(({ valid }) => valid));
  const valid = merged === true && crashed.length > 0 ? 'unknown' : merged;
  const decisive = BY_WEIGHT.flatMap((judges) => judged.filter((outcome) => outcome.judges === judges && outcome.valid === valid))[0];
  const kind = valid === true ? undefined : decisive?.judges;
  return { valid, kind, crashed, summary: summaryOf(valid, kind, crashed, decisive?.result.summary), outcomes };
}

async function outcomeOf(checker: Checker, history: History, context: CheckContext): Promise<CheckerOutcome> {
  const { name, judges } = checker;
  try {
    const result = await checker.check(history, context);
    if (result.valid !== true && result.valid !== false && result.valid !== 'unknown') {
      throw new FaultlineError('bad-checker', `the checker ${name} gave the verdict ${String(result.valid)}`, { hint: 'A verdict is true, false or "unknown".' });
    }
    return { name, judges, status: 'judged', result };
  } catch (error) {
    if (error instanceof FaultlineError && error.exitCode === EXIT.usage) throw error;
    const stack = error instanceof Error ? error.stack : undefined;
    return { name, judges, status: 'crash', error: messageOf(error), ...(stack === undefined ? {} : { stack }) };
  }
}

/** What only shows that a test was vacuous never makes a history invalid. */
function verdictOf({ judges, result }: Extract<CheckerOutcome, { status: 'judged' }>): Verdict {
  return judges === 'coverage' && result.valid === false ? 'unknown' : result.valid;
}

function summaryOf(valid: Verdict, kind: Judgement['kind'], crashed: readonly string[], decisive: string | undefined): string {
  const crash = crashed.length === 0 ? '' : ` (checker crashed: ${crashed.join(', ')})`;
  if (valid === true) return 'valid';
  if (valid === false) return `${kind === 'liveness' ? 'invalid: safe but stuck' : 'invalid: safety violated'}: ${decisive ?? ''}${crash}`;
  return decisive === undefined ? `no verdict${crash}` : `unknown: ${decisive}${crash}`;
}
