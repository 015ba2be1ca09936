// A model of one's own: seats of a theatre, that are booked, given back and counted.
import assert from 'node:assert/strict';
import { log } from 'node:console';
import { checkLinearizable, defineModel } from 'faultline/checkers';

const theatre = defineModel({
  name: 'theatre',
  operations: {
    book: 'a seat -> whether it was free',
    cancel: 'a seat -> null',
    free: 'null -> how many seats are free',
  },
  init: (seats = 3) => ({ seats, booked: [] }),
  apply: ({ seats, booked }, { f, argument: seat }) => {
    const others = booked.filter((other) => other !== seat);
    if (f === 'cancel') return { state: { seats, booked: others }, result: null };
    if (f === 'free') return { state: { seats, booked }, result: seats - booked.length };
    const wasFree = !booked.includes(seat);
    return { state: { seats, booked: [...others, seat].sort() }, result: wasFree };
  },
});

// What clients saw, with the times of each call on one clock. The second booking timed out: nobody knows whether it took place.
const history = [
  { f: 'book', value: 'A1', result: true, start: 0, end: 10 },
  { f: 'book', value: 'A2', start: 5 },
  { f: 'free', result: 2, start: 12, end: 14 },
  { f: 'free', result: 1, start: 20, end: 22 },
];
assert.equal(checkLinearizable(history, theatre).valid, true); // A2 was booked between 12 and 22

const { valid, anomalies } = checkLinearizable([...history, { f: 'book', value: 'A1', result: true, start: 30, end: 31 }], theatre);
assert.equal(valid, false); // A1 was sold twice
for (const { message, at } of anomalies) log(`${message}\n(operations ${at.join(', ')} of the history)`);
