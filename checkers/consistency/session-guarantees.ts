import type { Anomaly } from '../../src/index.js';
import { showOperation, showSpan, showValue } from '../shared/words.js';
import { anomalyOf, fromNowhere } from './blocks.js';
import type { Guarantee } from './levels.js';
import { demandsOf, type Reason } from './session-order.js';
import type { Register, Step, Steps, Version } from './steps.js';

/**
 * Judges a session guarantee for one register with unique values: the anomaly, or undefined if it holds. The order of versions is not observed, so that
 * the guarantee is taken to hold if there is any order with which it does; a violation is a cycle of demands on it.
 */
export function guaranteeFault(guarantee: Guarantee, history: Steps, register: Register): Anomaly | undefined {
  const nowhere = fromNowhere(history, register);
  if (nowhere !== undefined) return nowhere;
  const { graph, reasonOf } = demandsOf(guarantee, history, register);
  const cycle = graph.cycle();
  if (cycle === undefined) return undefined;
  const reals = register.versions.length;
  const start = cycle.findIndex((edge) => graph.from(edge) < reals);
  const demands: Demanded[] = [];
  let path: number[] = [];
  for (const edge of [...cycle.slice(start), ...cycle.slice(0, start)]) {
    path.push(edge);
    if (graph.to(edge) >= reals) continue;
    const version = (node: number): Version => history.versions[register.versions[node] as number] as Version;
    demands.push({ ...reasonOf(path), older: version(graph.from(path[0] as number)), younger: version(graph.to(edge)) });
    path = [];
  }
  return inWords(guarantee, history, register, demands);
}

interface Demanded extends Reason {
  readonly older: Version;
  readonly younger: Version;
}

function inWords(guarantee: Guarantee, { steps }: Steps, register: Register, demands: readonly Demanded[]): Anomaly {
  // The demand that the reader should see broken comes first: one of a session, with the later read if there is one.
  const main = Math.max(0, demands.findIndex(({ earlier, later }) => earlier >= 0 && earlier !== later));
  const ordered = [...demands.slice(main), ...demands.slice(0, main)];
  const step = (id: number): Step => steps[id] as Step;
  const because = ({ earlier, later, older, younger }: Demanded): string => {
    if (earlier < 0) return `${showValue(older.value)} is the initial value`;
    const a = step(earlier);
    if (earlier === later) return `${showOperation(a.operation)} made ${showValue(younger.value)} of ${showValue(older.value)}`;
    const b = step(later);
    return `process ${a.session} ${act(a, older, guarantee !== 'monotonic-writes')} and later ${act(b, younger, guarantee !== 'writes-follow-reads' && guarantee !== 'monotonic-writes')}`;
  };
  const [first, ...rest] = ordered as [Demanded, ...Demanded[]];
  const contrary = rest.map((demand) => `${showValue(demand.older.value)} is older than ${showValue(demand.younger.value)} (${because(demand)})`);
  const message =
    rest.length === 0
      ? `${because(first)}: it saw its own write before it was made.`
      : `${because(first)}, so ${showValue(first.older.value)} should be older than ${showValue(first.younger.value)}; but ${contrary.join(', and ')}.`;
  const operations = demands.flatMap(({ earlier, later }) => (earlier < 0 ? [] : [step(earlier).operation, step(later).operation]));
  return anomalyOf(`not-${guarantee}`, message, operations, register);
}

/** What a step did with a version: `read 7 (#10–#11)`; a cas both read and wrote. */
function act({ role, operation }: Step, { value }: Version, reading: boolean): string {
  const span = showSpan(operation).replace(/, process \d+/, '');
  if (role === 'cas') return `${reading ? 'saw' : 'wrote'} ${showValue(value)} by ${showOperation(operation)}`;
  return `${role === 'read' ? 'read' : 'wrote'} ${showValue(value)} (${span})`;
}
