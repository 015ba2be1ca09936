import { z } from 'zod';
import type { Anomaly, CheckContext, Checker, CheckResult, History } from '../../src/index.js';
import { faultsOf, type RecordedFault } from '../shared/faults.js';
import { count, listOf } from '../shared/words.js';

/** Faults of one kind. */
export interface KindCount {
  readonly started: number;
  /** How many were seen to have an effect, and how many of the ended ones were seen to be gone. */
  readonly effective: number;
  readonly healed: number;
}

const leaderNote = z.looseObject({ node: z.string(), term: z.string() });

/**
 * Whether the run was a test at all: faults that were asked for must have bitten, and the service must have been at work meanwhile.
 * A run that shows nothing is unknown, not valid.
 */
export const coverage: Checker = {
  name: 'coverage',
  description: 'Unknown if a fault that was asked for never had an effect that was seen, or nothing succeeded under any fault that leaves a majority.',
  judges: 'coverage',
  check: async (history, context) => check(history, context),
};

function check(history: History, context: CheckContext): CheckResult {
  const { faults, failed } = faultsOf(history);
  const gaps = [...unproven(faults, context), ...idle(faults, history, context), ...unended(faults)];
  const notes = [...ineffective(faults), ...unhealed(faults)];
  const failures = failed.map(({ nemesis, index, message }): Anomaly => ({ kind: 'nemesis-failed', message: `nemesis ${nemesis} failed at #${index}: ${message}`, ops: [index] }));
  const effective = faults.filter(({ effect }) => effect?.observed === true);
  const leaders = leaderChanges(history);
  return {
    valid: gaps.length > 0 ? 'unknown' : true,
    summary:
      gaps.length > 0 ? gaps.map(({ message }) => message).join('; ')
      : context.nemeses.length === 0 && faults.length === 0 ? 'no faults were asked for'
      : `${count(effective.length, 'fault')} of ${faults.length} had an effect that was seen (${listOf([...countByKind(effective)].map(([kind, { started }]) => `${started} × ${kind}`), 12)}); ${count(leaders, 'leader change')}`,
    anomalies: [...gaps, ...notes, ...failures],
    details: {
      faults: faults.length,
      effective: effective.length,
      healed: faults.filter(({ healed }) => healed?.observed === true).length,
      byKind: Object.fromEntries(countByKind(faults)),
      leaderChanges: leaders,
      failed,
    },
  };
}

/** Nemeses that were asked for and of which no fault was seen to bite. */
function unproven(faults: readonly RecordedFault[], { nemeses }: CheckContext): readonly Anomaly[] {
  return nemeses.flatMap((nemesis): readonly Anomaly[] => {
    const own = faults.filter((fault) => fault.nemesis === nemesis);
    if (own.some(({ effect }) => effect?.observed === true)) return [];
    const why = own.length === 0 ? 'never began a fault' : `began ${count(own.length, 'fault')}, none with an effect that was seen`;
    return [{ kind: 'no-effect', message: `nemesis ${nemesis} ${why}`, ops: own.map(({ startIndex }) => startIndex) }];
  });
}

/** Nothing succeeded during any of the faults that leave a majority alone: then the service was never tested under fault. */
function idle(faults: readonly RecordedFault[], history: History, { nodes }: CheckContext): readonly Anomaly[] {
  const bearable = faults.filter(({ effect, targets }) => effect?.observed === true && targets.length > 0 && targets.length * 2 < nodes.length);
  const during = (time: number): boolean => bearable.some(({ from, to }) => from <= time && time <= to);
  const tried = history.clientOperations().filter(({ invoke }) => during(invoke.time));
  if (tried.length === 0 || tried.some(({ completion }) => completion?.type === 'ok' && during(completion.time))) return [];
  const message = `none of ${count(tried.length, 'operation')} succeeded while faults were in force that left a majority alone`;
  return [{ kind: 'idle-under-faults', message, ops: bearable.map(({ startIndex }) => startIndex) }];
}

function unended(faults: readonly RecordedFault[]): readonly Anomaly[] {
  return faults
    .filter(({ endIndex }) => endIndex === undefined)
    .map(({ nemesis, kind, startIndex }) => ({ kind: 'never-ended', message: `${nemesis} ${kind} (#${startIndex}) was never ended`, ops: [startIndex] }));
}

function ineffective(faults: readonly RecordedFault[]): readonly Anomaly[] {
  return faults
    .filter(({ effect }) => effect?.observed === false)
    .map((fault) => ({ kind: 'no-effect', message: `${name(fault)} had no effect that was seen: ${fault.effect?.evidence ?? ''}`, ops: events(fault) }));
}

function unhealed(faults: readonly RecordedFault[]): readonly Anomaly[] {
  return faults
    .filter(({ healed }) => healed?.observed === false)
    .map((fault) => ({ kind: 'healing-not-seen', message: `${name(fault)} was ended, but was not seen to be gone: ${fault.healed?.evidence ?? ''}`, ops: events(fault) }));
}

function name({ nemesis, kind, targets }: RecordedFault): string {
  return `${nemesis} ${kind}${targets.length === 0 ? '' : ` of ${listOf(targets)}`}`;
}

function events({ startIndex, endIndex }: RecordedFault): readonly number[] {
  return endIndex === undefined ? [startIndex] : [startIndex, endIndex];
}

/** By `nemesis/kind`. */
function countByKind(faults: readonly RecordedFault[]): ReadonlyMap<string, KindCount> {
  const counts = new Map<string, KindCount>();
  for (const { nemesis, kind, effect, healed } of faults) {
    const of = `${nemesis}/${kind}`;
    const before = counts.get(of) ?? { started: 0, effective: 0, healed: 0 };
    counts.set(of, { started: before.started + 1, effective: before.effective + Number(effect?.observed === true), healed: before.healed + Number(healed?.observed === true) });
  }
  return counts;
}

/** How often the monitor saw another leader than before; the first one seen is no change. */
function leaderChanges(history: History): number {
  const terms = history.ops.flatMap((op) => {
    const note = op.process === 'monitor' && op.f === 'leader' ? leaderNote.safeParse(op.value) : undefined;
    return note?.success === true ? `${note.data.term} ${note.data.node}` : [];
  });
  return terms.filter((term, i) => i > 0 && term !== terms[i - 1]).length;
}
