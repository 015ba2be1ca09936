/** First part of the page's script: the data, the filter, the layout of rows, and the window of time that is shown. */
export const SCRIPT_MODEL = String.raw`
const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const canvas = byId('timeline-canvas');
const stage = byId('stage');
const tip = byId('tip');
const total = data.invoke.length;
const text = (id) => (id < 0 ? '' : data.strings[id]);
const LEFT = 96, AXIS = 26, TRACK = 20, GAP = 10;
const LANE = Math.max(7, Math.min(22, Math.floor(560 / Math.max(1, data.laneCount))));

const lanes = Array.from({ length: data.laneCount }, () => []);
for (let i = 0; i < total; i++) lanes[data.lane[i]].push(i);
const atFault = new Uint8Array(total);
for (const anomaly of data.anomalies) for (const i of anomaly) atFault[i] = 1;
const matches = new Uint8Array(total).fill(1);

const tracksTop = AXIS;
const lanesTop = AXIS + data.tracks.length * TRACK + GAP;
const height = lanesTop + data.laneCount * LANE + 8;
const end = Math.max(data.end, 1);
const view = { from: 0, to: end, selected: -1, anomaly: -1, width: 0 };

const plotWidth = () => Math.max(1, view.width - LEFT - 8);
const toX = (time) => LEFT + ((time - view.from) / (view.to - view.from)) * plotWidth();
const toTime = (x) => view.from + ((x - LEFT) / plotWidth()) * (view.to - view.from);

function show(from, to) {
  const length = Math.min(end, Math.max(20, to - from));
  const start = Math.max(0, Math.min(end - length, from));
  view.from = start;
  view.to = start + length;
  redraw();
}

function zoom(factor, around) {
  const length = (view.to - view.from) * factor;
  const share = (around - view.from) / (view.to - view.from);
  show(around - length * share, around + length * (1 - share));
}

/** First operation of a lane that ends at or after a time: operations of a lane follow each other. */
function firstAt(lane, time) {
  let low = 0, high = lane.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (data.stop[lane[middle]] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function applyFilter() {
  const key = byId('filter-key').value.trim();
  const process = byId('filter-process').value.trim();
  const outcome = byId('filter-outcome').value;
  const f = byId('filter-f').value;
  let count = 0;
  for (let i = 0; i < total; i++) {
    const match = (key === '' || text(data.key[i]) === key) && (process === '' || data.process[i] === process) && (outcome === '' || data.outcomes[data.outcome[i]] === outcome) && (f === '' || text(data.f[i]) === f);
    matches[i] = match ? 1 : 0;
    if (match) count++;
  }
  byId('matched').textContent = count === total ? total + ' operations' : count + ' of ' + total + ' operations match';
  redraw();
}

/** What was asked, and what came back if that says more. */
function call(i) {
  const asked = data.argument[i] < 0 ? '' : ' ' + text(data.argument[i]);
  return text(data.f[i]) + asked + (data.result[i] < 0 || data.result[i] === data.argument[i] ? '' : ' → ' + text(data.result[i]));
}

function describe(i) {
  const lines = [call(i)];
  lines.push(data.outcomes[data.outcome[i]] + (atFault[i] ? ', named by a finding' : ''));
  const place = ['process ' + data.process[i]];
  if (data.key[i] >= 0) place.push('key ' + text(data.key[i]));
  if (data.node[i] >= 0) place.push('node ' + text(data.node[i]));
  lines.push(place.join(', '));
  const completed = data.completion[i] >= 0;
  lines.push('#' + data.invoke[i] + (completed ? ' – #' + data.completion[i] : ', never completed'));
  lines.push(seconds(data.start[i]) + (completed ? ' – ' + seconds(data.stop[i]) + ' (' + ((data.stop[i] - data.start[i]) / 1000).toFixed(2) + ' ms)' : ''));
  return lines.join('\n');
}

function seconds(micros) {
  return (micros / 1e6).toFixed(4) + ' s';
}
`;
