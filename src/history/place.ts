import { lineError, type LinePlace, type OpLine } from './parse-op.js';

const ORDER_HINT = 'The order of the lines is the order of events in real time: sort them by index, or leave index and time out.';

/** Makes sure that a line stands after those before it. Throws FaultlineError `history-order` (usage). */
export function assertInOrder(line: Pick<OpLine, 'index' | 'time'>, lastIndex: number, lastTime: number, place: LinePlace, text: string): void {
  if (line.index !== undefined && line.index <= lastIndex) {
    throw lineError('history-order', place, Math.max(0, text.indexOf('"index"')) + 1, `index: expected a number above ${lastIndex}, found ${line.index}`, ORDER_HINT);
  }
  if (line.time !== undefined && line.time < lastTime) {
    throw lineError('history-order', place, Math.max(0, text.indexOf('"time"')) + 1, `time: expected at least ${lastTime}, found ${line.time}`, ORDER_HINT);
  }
}
