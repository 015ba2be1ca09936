/** Second part of the page's script: drawing. Operations narrower than a pixel or two are gathered by column, so that a frame costs little however many there are. */
export const SCRIPT_DRAW = String.raw`
const context = canvas.getContext('2d');
const SEVERITY = [0, 1, 2, 3];
let colors = {}, hatch = null, due = false;

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = ['paper', 'panel', 'ink', 'soft', 'rule', 'ok', 'fail', 'unknown', 'open', 'bad', 'pale', 'phase', 'leader', 'fault', 'killed', 'paused', 'cutoff', 'partly', 'disturbed'];
  colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue('--' + name).trim()]));
  hatch = hatchOf(colors.unknown);
}

function hatchOf(color) {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 6;
  const pen = tile.getContext('2d');
  pen.strokeStyle = color;
  pen.lineWidth = 2;
  for (const shift of [-6, 0, 6]) {
    pen.beginPath();
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
    pen.stroke();
  }
  return context.createPattern(tile, 'repeat');
}

function redraw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; draw(); });
}

function resize() {
  const ratio = window.devicePixelRatio || 1;
  view.width = stage.clientWidth;
  canvas.style.height = height + 'px';
  canvas.width = Math.round(view.width * ratio);
  canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  redraw();
}

function draw() {
  context.fillStyle = colors.paper;
  context.fillRect(0, 0, view.width, height);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(LEFT, 0, plotWidth(), height);
  context.clip();
  drawBands();
  drawAxis();
  data.tracks.forEach(drawTrack);
  lanes.forEach(drawLane);
  drawMarks();
  context.restore();
  drawLabels();
}

function drawAxis() {
  const step = tickStep((view.to - view.from) / Math.max(2, plotWidth() / 110));
  context.strokeStyle = colors.rule;
  context.fillStyle = colors.soft;
  context.lineWidth = 1;
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    const x = Math.round(toX(time)) + 0.5;
    context.beginPath();
    context.moveTo(x, AXIS - 6);
    context.lineTo(x, height);
    context.stroke();
    context.fillText(step >= 1e6 ? time / 1e6 + ' s' : step >= 1000 ? +(time / 1000).toFixed(3) + ' ms' : time + ' µs', x + 3, 10);
  }
}

function tickStep(least) {
  const power = Math.pow(10, Math.floor(Math.log10(Math.max(1, least))));
  for (const factor of [1, 2, 5, 10]) if (factor * power >= least) return factor * power;
  return 10 * power;
}

function drawBands() {
  context.globalAlpha = 0.4;
  context.fillStyle = colors.fault;
  for (const track of data.tracks) {
    if (track.group !== 'fault') continue;
    for (const span of track.spans) context.fillRect(toX(span[0]), lanesTop, Math.max(1, toX(span[1]) - toX(span[0])), height - lanesTop);
  }
  context.globalAlpha = 1;
}

const STATE_COLORS = { phase: 'phase', leader: 'leader', fault: 'fault', killed: 'killed', paused: 'paused', 'cut off': 'cutoff', 'partly cut': 'partly', disturbed: 'disturbed' };

function drawTrack(track, row) {
  const top = tracksTop + row * TRACK + 2, tall = TRACK - 4;
  if (track.group === 'node') {
    context.fillStyle = colors.leader;
    context.fillRect(LEFT, top + tall / 2 - 1, plotWidth(), 2);
  }
  for (const [from, to, label, kind] of track.spans) {
    if (to < view.from || from > view.to) continue;
    const x = Math.max(LEFT - 2, toX(from)), width = Math.max(2, Math.min(LEFT + plotWidth() + 2, toX(to)) - x);
    context.fillStyle = colors[STATE_COLORS[kind]] || colors.fault;
    context.fillRect(x, top, width, tall);
    context.strokeStyle = colors.soft;
    context.lineWidth = 0.7;
    context.strokeRect(x + 0.5, top + 0.5, Math.max(1, width - 1), tall - 1);
    const dark = kind === 'killed' || kind === 'paused';
    write(track.group === 'node' ? kind : label, Math.max(x, LEFT), top + tall / 2, x + width - Math.max(x, LEFT), dark ? colors.paper : colors.ink);
  }
}

function write(words, x, y, room, color) {
  if (room < 26) return;
  const fit = Math.floor((room - 8) / 6);
  if (fit < 3) return;
  context.fillStyle = color;
  context.fillText(words.length > fit ? words.slice(0, fit - 1) + '…' : words, x + 4, y);
}

function drawLane(lane, row) {
  const top = lanesTop + row * LANE + 1, tall = LANE - 2;
  let column = -1, worst = -1, matched = 0;
  const flush = () => {
    if (column >= 0) paint(column, 1.5, top, tall, worst, matched);
    column = -1;
  };
  for (let n = firstAt(lane, view.from); n < lane.length; n++) {
    const i = lane[n];
    if (data.start[i] > view.to) break;
    const x = toX(data.start[i]), width = toX(data.stop[i]) - x;
    if (width >= 2) {
      flush();
      paint(x, width - 0.6, top, tall, data.outcome[i], matches[i]);
      if (matches[i] && LANE >= 14) label(i, Math.max(x, LEFT), top, tall, x + width - Math.max(x, LEFT));
      continue;
    }
    const at = Math.floor(x);
    if (at !== column) {
      flush();
      column = at;
      worst = -1;
      matched = 0;
    }
    if (matches[i] > matched || (matches[i] === matched && SEVERITY[data.outcome[i]] > worst)) {
      worst = data.outcome[i];
      matched = matches[i];
    }
  }
  flush();
}

/** On hatching and half bars words get a ground of their own. */
function label(i, x, top, tall, room) {
  const words = call(i), ok = data.outcome[i] === 0;
  if (!ok && room >= 26) {
    context.fillStyle = colors.paper;
    context.fillRect(x + 2, top + 2, Math.min(room - 4, context.measureText(words).width + 4), tall - 4);
  }
  write(words, x, top + tall / 2 + 0.5, room, ok ? colors.paper : colors.ink);
}

/** ok: full; fail: the lower half; unknown: hatched; never completed: outlined. */
function paint(x, width, top, tall, outcome, matched) {
  if (!matched) {
    context.fillStyle = colors.pale;
    context.fillRect(x, top + tall / 2 - 1, width, 2);
    return;
  }
  if (outcome === 0) {
    context.fillStyle = colors.ok;
    context.fillRect(x, top, width, tall);
  } else if (outcome === 1) {
    context.fillStyle = colors.fail;
    context.fillRect(x, top + tall / 2, width, tall / 2);
  } else {
    const color = outcome === 2 ? colors.unknown : colors.open;
    context.fillStyle = outcome === 2 ? (width < 4 ? color : hatch) : 'transparent';
    context.fillRect(x, top, width, tall);
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, top + 0.5, Math.max(0.5, width - 1), tall - 1);
  }
}

/** Operations named by findings get a pointer; those of the chosen finding, and the chosen operation, an outline too. */
function drawMarks() {
  const chosen = new Set(view.anomaly >= 0 ? data.anomalies[view.anomaly] : []);
  for (let i = 0; i < total; i++) {
    if (!atFault[i] && i !== view.selected) continue;
    if (data.stop[i] < view.from || data.start[i] > view.to) continue;
    const x = toX(data.start[i]), top = lanesTop + data.lane[i] * LANE, width = Math.max(3, toX(data.stop[i]) - x);
    context.fillStyle = colors.bad;
    if (atFault[i]) {
      context.beginPath();
      context.moveTo(x - 4, top - 3);
      context.lineTo(x + 4, top - 3);
      context.lineTo(x, top + 4);
      context.fill();
    }
    if (!chosen.has(i) && i !== view.selected) continue;
    context.strokeStyle = chosen.has(i) ? colors.bad : colors.ink;
    context.lineWidth = 2.5;
    context.strokeRect(x - 1, top, width + 2, LANE);
  }
}

function drawLabels() {
  context.fillStyle = colors.ink;
  data.tracks.forEach((track, row) => context.fillText(track.label.length > 14 ? track.label.slice(0, 13) + '…' : track.label, 8, tracksTop + row * TRACK + TRACK / 2));
  context.fillStyle = colors.soft;
  const every = Math.max(1, Math.ceil(12 / LANE));
  for (let row = 0; row < data.laneCount; row += every) context.fillText('client ' + (row + 1), 8, lanesTop + row * LANE + LANE / 2);
}
`;
