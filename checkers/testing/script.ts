import { History, type CheckContext, type Op } from '../../src/index.js';

/** Events from lines `process f json` (an invocation) or `process ok|fail|info json`; the time of event i is i milliseconds. */
export function script(...lines: readonly string[]): readonly Op[] {
  const asked = new Map<number, string>();
  return lines.map((line, index) => {
    const [process = '', word = '', json = 'null'] = line.split(' ');
    const completes = word === 'ok' || word === 'fail' || word === 'info';
    if (!completes) asked.set(Number(process), word);
    const f = asked.get(Number(process)) ?? '';
    return { index, time: index * 1e6, process: Number(process), type: completes ? word : 'invoke', f, value: JSON.parse(json) as unknown };
  });
}

/** Puts pieces of a history one after the other, with dense indices. */
export function history(...events: readonly (Omit<Op, 'index'> & { readonly index?: number })[]): History {
  return History.from(events.map((event, index) => ({ ...event, index })));
}

/** A context with limits that tests do not meet. */
export const CONTEXT: CheckContext = { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 29, nodes: [], nemeses: [], livenessBoundMs: 1000 };
