import type { Operation } from '../../src/index.js';
import { count, eventsOf, listOf, showOperation } from '../shared/words.js';
import type { Core } from './core.js';
import type { Decision, Stuck } from './decide.js';
import type { Explanation } from './explain-unique.js';
import { operationOf } from './object-history.js';
import type { Classified } from './timeline.js';

/** Writers that are named for a value that the core saw. */
const WRITERS_SHOWN = 2;

/** Explains where a search ended: how far the history can be put in order, what stops it, and the core of the contradiction. */
export function explainSearch(classified: Classified, decision: Decision, stuck: Stuck, core: Core | undefined): Explanation {
  const { history } = classified;
  const blocked = operationOf(history, stuck.op);
  const head = `${showOperation(blocked)} cannot take effect: the ${count(decision.ordered, 'completion')} before #${blocked.completion?.index ?? blocked.invoke.index} can be put in order, but then ${statesInWords(stuck)}.`;
  const operations = core === undefined ? [blocked] : withWriters(core, classified, stuck);
  return {
    anomaly: { kind: 'not-linearizable', message: core === undefined ? head : `${head} ${coreInWords(core, classified)}`, ops: eventsOf(operations) },
    operations,
  };
}

function statesInWords({ states, stateCount, exhaustive }: Stuck): string {
  if (!exhaustive) return 'it fits none of the states that are possible, whatever open operations come before it';
  const more = stateCount > states.length ? [`one of ${stateCount - states.length} more`] : [];
  const all = [...states, ...more];
  return `the state is ${all.length === 1 ? '' : `${all.slice(0, -1).join(', ')} or `}${all.at(-1) ?? ''}, and no operation that is open then changes it to one that fits`;
}

function coreInWords({ operations, minimal }: Core, { history }: Classified): string {
  const names = listOf(operations.map((i) => showOperation(operationOf(history, i))));
  if (operations.length === 1) return `Whatever the other operations did, ${names} is impossible.`;
  return `Whatever the other operations did, ${operations.length === 2 ? 'these two cannot both' : `these ${operations.length} cannot all`} be right: ${names}.${minimal ? ' Without any one of them the rest could be.' : ''}`;
}

/** The core, and for a register the latest operations that wrote the values it saw: so that one sees where they came from. */
function withWriters(core: Core, { history, kind, kinds }: Classified, stuck: Stuck): readonly Operation[] {
  const chosen = new Set(core.operations);
  const end = history.ret[stuck.op] as number;
  for (const i of core.operations) {
    const needs = kinds.needs[kind[i] as number] as number;
    let shown = 0;
    for (let other = history.size - 1; needs >= 0 && other >= 0 && shown < WRITERS_SHOWN; other--) {
      if ((history.inv[other] as number) >= end || kinds.makes[kind[other] as number] !== needs) continue;
      chosen.add(other);
      shown++;
    }
  }
  return [...chosen].sort((a, b) => a - b).map((i) => operationOf(history, i));
}
