/** What a user of faultline/checkers may write, and may not: tests/library.test.ts compiles it against the built types. */
import { checkLinearizable, checkPromise, defineModel, registerModel, type Explained, type HistoryEvent, type HistoryOperation, type Level, type Model, type Verdict } from 'faultline/checkers';

const events: readonly HistoryEvent[] = [{ process: 0, type: 'invoke', f: 'read' }];
const operations: HistoryOperation[] = [{ f: 'read', result: 1, start: 0, end: undefined }];

const light: Model<boolean> = defineModel({
  name: 'light',
  operations: { toggle: 'null -> whether it is on' },
  init: () => false,
  apply: (on: boolean) => ({ state: !on, result: !on }),
});

export const valid: Verdict = checkLinearizable(events, light, { initial: true }).valid;
export const explained: readonly Explained[] = checkLinearizable(operations, registerModel).explained;
export const weaker = (level: Level): readonly number[] | undefined => checkPromise(level, events).anomalies[0]?.at;

// @ts-expect-error an operation has a start
checkLinearizable([{ f: 'read' }], registerModel);
// @ts-expect-error there is no such type of event
checkLinearizable([{ process: 0, type: 'begin', f: 'read' }], registerModel);
// @ts-expect-error there is no such level
checkPromise('eventual', events);
// @ts-expect-error a model has operations
defineModel({ name: 'nothing', init: () => 0, apply: (state: number) => ({ state }) });
