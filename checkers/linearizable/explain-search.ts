import type { Operation } from '../../src/index.js';
import { Interner } from '../shared/canonical.js';
import { count, eventsOf, listOf, showOperation } from '../shared/words.js';
import type { Core } from './core.js';
import type { Entry } from './entries.js';
import type { Explanation } from './explain-unique.js';
import type { AnyModel } from './models/index.js';
import type { Stuck } from './search.js';

/** Writers that are named for a value that the core saw. */
const WRITERS_SHOWN = 2;

/** Explains where a search ended: how far the history can be put in order, what stops it, and the core of the contradiction. */
export function explainSearch(entries: readonly Entry[], model: AnyModel, stuck: Stuck, core: Core | undefined): Explanation {
  const blocked = entries[stuck.entry] as Entry;
  const more = stuck.stateCount > stuck.states.length ? ` (and ${stuck.stateCount - stuck.states.length} more)` : '';
  const states = stuck.stateCount === 1 ? `the state can only be ${stuck.states[0] ?? ''}` : `the state can only be one of ${stuck.states.join(', ')}${more}`;
  const head = `${showOperation(blocked.operation)} cannot take effect: the ${count(stuck.steps, 'completion')} before #${blocked.ret} can be put in order, but then ${states}, and no operations then open lead from there to it.`;
  const operations = core === undefined ? [blocked.operation] : withWriters(core, entries, model);
  return {
    anomaly: { kind: 'not-linearizable', message: core === undefined ? head : `${head} ${coreInWords(core)}`, ops: eventsOf(operations) },
    operations,
  };
}

function coreInWords({ entries, minimal }: Core): string {
  const names = listOf(entries.map((entry) => showOperation(entry.operation)));
  if (entries.length === 1) return `Whatever the other operations did, ${names} is impossible.`;
  return `Whatever the other operations did, these ${entries.length} cannot all be right: ${names}.${minimal ? ' Without any one of them the rest could be.' : ''}`;
}

/** The core, and for a register the latest operations that wrote the values it saw: so that one sees where they came from. */
function withWriters(core: Core, entries: readonly Entry[], model: AnyModel): readonly Operation[] {
  const register = model.register?.bind(model);
  const operations = new Set(core.entries.map((entry) => entry.operation));
  if (register !== undefined) {
    const values = new Interner();
    const end = Math.max(...core.entries.map((entry) => entry.ret));
    for (const entry of core.entries) {
      const op = register(entry.op, values);
      if (op.kind === 'write') continue;
      const seen = op.kind === 'read' ? op.value : op.from;
      const writers = entries.filter((other) => other.inv < end && writes(register(other.op, values), seen));
      for (const writer of writers.slice(-WRITERS_SHOWN)) operations.add(writer.operation);
    }
  }
  return [...operations].sort((a, b) => a.invoke.index - b.invoke.index);
}

function writes(op: ReturnType<NonNullable<AnyModel['register']>>, value: number): boolean {
  return (op.kind === 'write' && op.value === value) || (op.kind === 'cas' && op.to === value);
}
