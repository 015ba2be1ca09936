import type { Op } from '../op.js';
import { assemble, opType, type ForeignEvent, type ImportOptions } from './assemble.js';
import { readEdn } from './edn.js';
import { plain } from './jepsen-edn.js';
import { formatError } from './text-error.js';

const EVENT = /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*)$/;
/** Event lines of old Jepsen, as on a console; other lines (start-up, nemesis, the final report) are passed over. */
const REASONS = /^:[a-z]/;

/** Reads the console log of an old Jepsen, as in Porcupine's corpus of etcd runs. Throws FaultlineError `history-format` (usage) with the line. */
export function readJepsenLog(text: string, options: ImportOptions): readonly Op[] {
  const events: ForeignEvent[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const match = EVENT.exec(line.trimEnd());
    if (match === null) continue;
    const [, process = '', type = '', f = '', value = ''] = match;
    const reason = REASONS.test(value);
    events.push({
      process: Number(process),
      type: opType(type, options.source, i + 1),
      f,
      value: reason ? null : plain(readEdn(value, `${options.source}:${i + 1}`)[0] ?? null),
      ...(reason ? { error: value.slice(1) } : {}),
      line: i + 1,
    });
  }
  if (events.length === 0) throw formatError(options.source, { line: 1 }, 'no event line', 'Event lines look like "INFO  jepsen.util - 1 :invoke :cas [0 1]".');
  return assemble(events, options);
}
