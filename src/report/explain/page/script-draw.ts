/** Second part of the page's script: the diagram. Bars are made once for a width; points and highlights anew at every change. */
export const SCRIPT_DRAW = String.raw`
const AXIS = 30, LANE = 48, BAR = 24, TOP = 6, BADGE = 8, EDGE = 14, STATE = 34, CHAR = 6.7;
let xs = [], overlay = null, underlay = null, bars = new Map(), openLabels = [], pictureWidth = 0;

const barTop = (o) => AXIS + o.lane * LANE + TOP;
const laneEnd = () => AXIS + key.lanes.length * LANE;
const hasStates = () => key.orders.length > 0;
const pictureHeight = () => laneEnd() + (hasStates() ? STATE + 8 : 6);

function layOut() {
  const room = byId('scroller').clientWidth || 900;
  const { places, events } = key;
  const last = places[places.length - 1];
  if (view.time) {
    const from = events[0][1], to = events[events.length - 1][1];
    const open = key.operations.some(({ end }) => end < 0) ? 60 : 10;
    const scale = (room - 2 * EDGE - open) / Math.max(1, to - from);
    xs = [...events.map(([, time]) => EDGE + (time - from) * scale), room - EDGE];
    pictureWidth = room;
    return;
  }
  const scale = Math.max(1, (room - 2 * EDGE) / last);
  xs = places.map((place) => EDGE + place * scale);
  pictureWidth = Math.max(room, last * scale + 2 * EDGE);
}

/** A place between two events, in ranks. */
function xAt(at) {
  const rank = Math.floor(at);
  const from = xs[rank], to = xs[rank + 1] === undefined ? from : xs[rank + 1];
  return from + (to - from) * (at - rank);
}

const barEnd = (o) => (o.end < 0 ? pictureWidth : Math.max(xs[o.end], xs[o.begin] + 5));

function draw() {
  layOut();
  const diagram = byId('diagram');
  diagram.textContent = '';
  const height = pictureHeight();
  const svg = shape(diagram, 'svg', { width: pictureWidth, height, viewBox: '0 0 ' + pictureWidth + ' ' + height, role: 'group', 'aria-label': 'Operations of ' + key.lanes.length + ' processes in time' });
  drawDefs(svg);
  drawLanes(svg);
  drawAxis(svg);
  openLabels = [];
  underlay = shape(svg, 'g', { class: 'overlay' });
  bars = new Map(key.operations.map((o) => [o.id, drawBar(svg, o)]));
  overlay = shape(svg, 'g', { class: 'overlay' });
  drawGutter(height);
}

function drawDefs(svg) {
  const defs = shape(svg, 'defs', {});
  for (const kind of ['unknown', 'core']) {
    const fade = shape(defs, 'linearGradient', { id: 'fade-' + kind });
    shape(fade, 'stop', { offset: 0, class: 'fade-' + kind, 'stop-opacity': 0.4 });
    shape(fade, 'stop', { offset: 1, class: 'fade-' + kind, 'stop-opacity': 0.03 });
  }
}

function drawLanes(svg) {
  key.lanes.forEach((_, lane) => {
    if (lane % 2 === 0) shape(svg, 'rect', { class: 'lane', x: 0, y: AXIS + lane * LANE, width: pictureWidth, height: LANE });
  });
  shape(svg, 'line', { class: 'rule', x1: 0, x2: pictureWidth, y1: AXIS, y2: AXIS });
  const blocked = operation(key.blocked);
  if (blocked && blocked.end >= 0) shape(svg, 'line', { class: 'cut', x1: xs[blocked.end], x2: xs[blocked.end], y1: AXIS - 8, y2: pictureHeight() });
}

/** Names of events where there is room, those at fault first; or times. */
function drawAxis(svg) {
  const taken = [];
  const put = (x, words, important) => {
    const half = (words.length * 6.2) / 2;
    const middle = Math.max(half + 2, Math.min(pictureWidth - half - 2, x));
    if (taken.some(([from, to]) => middle - half - 5 < to && middle + half + 5 > from)) return;
    taken.push([middle - half, middle + half]);
    shape(svg, 'text', { class: important ? 'tick at-fault' : 'tick', x: middle, y: 14, 'text-anchor': 'middle' }, words);
  };
  if (view.time) return drawTimes(svg, put);
  const weight = (o) => (o.id === key.blocked ? 2 : isCore(o.id) ? 1 : 0);
  const ordered = [...key.operations].sort((a, b) => weight(b) - weight(a));
  for (const o of ordered) {
    for (const rank of o.end < 0 ? [o.begin] : [o.begin, o.end]) {
      shape(svg, 'line', { class: 'mark', x1: xs[rank], x2: xs[rank], y1: AXIS - 6, y2: AXIS });
      put(xs[rank], eventName(rank), weight(o) > 0);
    }
  }
}

function drawTimes(svg, put) {
  const from = key.events[0][1], to = key.events[key.events.length - 1][1];
  const per = (to - from) / Math.max(1, xs[key.events.length - 1] - xs[0]);
  const least = Math.max(1, per * 110);
  const power = Math.pow(10, Math.floor(Math.log10(least)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least);
  const digits = Math.max(0, Math.min(9, Math.ceil(9 - Math.log10(step))));
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const x = xs[0] + (time - from) / Math.max(per, 1e-9);
    shape(svg, 'line', { class: 'mark', x1: x, x2: x, y1: AXIS - 6, y2: laneEnd() });
    put(x, (time / 1e9).toFixed(digits) + ' s', false);
  }
}

function drawBar(svg, o) {
  const x = xs[o.begin], y = barTop(o), end = barEnd(o);
  const kind = 'op ' + o.outcome + (isCore(o.id) ? ' core' : '') + (o.id === key.blocked ? ' blocked' : '');
  const group = shape(svg, 'g', { class: kind, 'data-op': o.id, role: 'button', tabindex: o === key.operations[0] ? 0 : -1, 'aria-label': described(o) });
  shape(group, 'title', {}, o.call + '\n' + span(o) + ', process ' + o.process);
  const bottom = y + BAR;
  const open = 'M' + end + ' ' + y + 'H' + (x + 4) + 'Q' + x + ' ' + y + ' ' + x + ' ' + (y + 4) + 'V' + (bottom - 4) + 'Q' + x + ' ' + bottom + ' ' + (x + 4) + ' ' + bottom + 'H' + end;
  if (o.end < 0) shape(group, 'path', { class: 'bar open', d: open });
  else shape(group, 'rect', { class: 'bar', x, y, width: end - x, height: BAR, rx: Math.min(4, (end - x) / 2) });
  if (o.outcome === 'failed') shape(group, 'line', { class: 'strike', x1: x - 3, x2: end + 3, y1: y + BAR / 2, y2: y + BAR / 2 });
  const text = label(group, o, x, y, end);
  if (o.end < 0 && text) openLabels.push({ o, text });
  group.addEventListener('pointerenter', () => point(o.id));
  group.addEventListener('pointerleave', () => point(-1));
  group.addEventListener('focus', () => point(o.id));
  group.addEventListener('blur', () => point(-1));
  group.addEventListener('click', () => select(view.op === o.id ? -1 : o.id));
  const narrow = end - x < 24;
  const right = o.end < 0 ? Math.min(end, x + o.label.length * CHAR + 30) - 6 : narrow ? end + 12 : end - 6;
  return { group, relation: shape(group, 'text', { class: 'relation', x: right, y: y + (narrow ? 25 : 11), 'text-anchor': 'end' }) };
}

/** In the bar; in real time, where bars may be short, beside it as far as the next bar of the lane or the one before. */
function label(group, o, x, y, end) {
  const others = key.operations.filter((other) => other.lane === o.lane && other !== o);
  const right = Math.min(pictureWidth, ...others.filter(({ begin }) => begin > o.begin).map(({ begin }) => xs[begin])) - end - 8;
  const left = x - 8 - Math.max(0, ...others.filter(({ begin }) => begin < o.begin).map(barEnd));
  const width = o.label.length * CHAR;
  const inside = end - x - 9;
  const write = (at, room, anchor) => shape(group, 'text', { class: 'label', x: at, y: y + 13, 'text-anchor': anchor }, clip(o.label, Math.floor(room / CHAR)));
  if (o.end < 0 || inside >= width) return write(x + 6, Math.max(width, inside), 'start');
  if (right >= width) return write(end + 5, right, 'start');
  if (left >= width) return write(x - 5, left, 'end');
  if (inside >= 3 * CHAR) return write(x + 6, inside, 'start');
  if (right >= 4 * CHAR) return write(end + 5, right, 'start');
  return undefined;
}

/** Labels of open bars stay in sight when their beginning is scrolled away. */
function keepLabels() {
  const from = byId('scroller').scrollLeft;
  for (const { o, text } of openLabels) text.setAttribute('x', String(Math.max(xs[o.begin], from) + 6));
}

function described(o) {
  return o.call + ', process ' + o.process + (o.node === '' ? '' : ' at ' + o.node) + ', ' + span(o) + ', ' + OUTCOMES[o.outcome] + (isCore(o.id) ? ', at fault' : '') + (o.id === key.blocked ? ', no order can take it' : '');
}

function drawGutter(height) {
  const gutter = byId('gutter');
  gutter.textContent = '';
  const width = gutter.clientWidth || 96;
  const svg = shape(gutter, 'svg', { width, height });
  const row = (y, words, more) => {
    shape(svg, 'text', { class: 'who', x: width - 10, y: y + (more ? -2 : 4), 'text-anchor': 'end' }, words);
    if (more) shape(svg, 'text', { class: 'where', x: width - 10, y: y + 11, 'text-anchor': 'end' }, clip(more, Math.floor(width / 7)));
  };
  key.lanes.forEach(({ process, nodes }, lane) => {
    if (lane % 2 === 0) shape(svg, 'rect', { class: 'lane', x: 0, y: AXIS + lane * LANE, width, height: LANE });
    row(AXIS + lane * LANE + TOP + BAR / 2, (width < 80 ? 'p' : 'process ') + process, nodes.length > 2 ? nodes.length + ' nodes' : nodes.join(', '));
  });
  shape(svg, 'line', { class: 'rule', x1: 0, x2: width, y1: AXIS, y2: AXIS });
  if (hasStates()) row(laneEnd() + 20, 'state', '');
}

/** Points, states and highlights of what is chosen now. */
function paint() {
  const { order, steps, whole } = shown();
  const active = operation(view.hover >= 0 ? view.hover : view.op);
  const placed = new Set(steps.map((step) => step.operation));
  const left = order && order.without >= 0 ? order.without : -1;
  for (const o of key.operations) {
    const { group, relation } = bars.get(o.id);
    const before = active && isBefore(o, active), after = active && isBefore(active, o);
    const toggle = (name, on) => group.classList.toggle(name, Boolean(on));
    toggle('before', before);
    toggle('after', after);
    toggle('active', o === active);
    toggle('chosen', o.id === view.op);
    toggle('left-out', o.id === left);
    toggle('placed', placed.has(o.id));
    group.setAttribute('aria-pressed', String(o.id === view.op));
    relation.textContent = before ? '◂' : after ? '▸' : '';
  }
  overlay.textContent = '';
  underlay.textContent = '';
  if (order) drawStates(order, steps, whole);
  else if (hasStates()) shape(overlay, 'text', { class: 'none', x: EDGE, y: laneEnd() + 24 }, 'no order has all of them');
  if (order) drawPoints(order, steps, whole);
}

function drawPoints(order, steps, whole) {
  const places = steps.map((step) => ({ x: xAt(step.at), y: barTop(operation(step.operation)) + BAR }));
  if (places.length > 1) shape(underlay, 'polyline', { class: 'way', points: places.map(({ x, y }) => x.toFixed(1) + ',' + y).join(' ') });
  const blocked = operation(key.blocked);
  if (whole && blocked && order.without < 0 && blocked.end >= 0) {
    const x = xs[blocked.end] - 1, y = barTop(blocked) + BAR, from = places[places.length - 1];
    if (from) shape(underlay, 'line', { class: 'way stuck', x1: from.x, y1: from.y, x2: x, y2: y });
    shape(overlay, 'circle', { class: 'badge stuck', cx: x, cy: y, r: BADGE + 2 });
    shape(overlay, 'text', { class: 'number stuck', x, y: y + 4.5, 'text-anchor': 'middle' }, '×');
  }
  places.forEach(({ x, y }, i) => {
    const now = i === places.length - 1 ? ' now' : '';
    const wide = i >= 99 ? 3 : 0;
    shape(overlay, 'line', { class: 'at' + now, x1: x, x2: x, y1: y - BAR - 4, y2: y - BAR + 3 });
    shape(overlay, 'circle', { class: 'badge' + now, cx: x, cy: y, r: BADGE + wide + (now ? 1.5 : 0) });
    shape(overlay, 'text', { class: 'number' + now, x, y: y + 3.5, 'text-anchor': 'middle' }, String(i + 1));
  });
}

/** A strip of the states between the points; equal ones that follow each other are one. */
function drawStates(order, steps, whole) {
  const y = laneEnd() + 8, blocked = operation(key.blocked);
  const cut = blocked && blocked.end >= 0 && order.without < 0 ? xs[blocked.end] : pictureWidth - EDGE;
  let i = 0;
  while (i < steps.length) {
    let next = i + 1;
    while (next < steps.length && steps[next].state === steps[i].state) next++;
    const from = xAt(steps[i].at);
    const to = next < steps.length ? xAt(steps[next].at) : whole ? Math.max(from + 12, cut) : Math.min(cut, from + 46);
    const now = next === steps.length ? ' now' : '';
    const box = shape(overlay, 'g', { class: 'state' + now });
    shape(box, 'title', {}, 'state ' + steps[i].state + ' after step ' + (i + 1));
    shape(box, 'rect', { x: from, y, width: Math.max(1, to - from - 1), height: STATE - 10, rx: 3 });
    const room = Math.floor((to - from - 6) / CHAR);
    if (room >= Math.min(2, steps[i].state.length)) shape(box, 'text', { x: from + (to - from) / 2, y: y + 16, 'text-anchor': 'middle' }, clip(steps[i].state, room));
    i = next;
  }
}

/** Scrolls the picture sideways, so that a step or an operation is in sight. */
function reveal(x, width) {
  const scroller = byId('scroller');
  const from = scroller.scrollLeft, room = scroller.clientWidth;
  if (x - 30 < from || x + width + 30 > from + room) scroller.scrollLeft = Math.max(0, x + width / 2 - room / 2);
}

function revealShown() {
  const { steps } = shown();
  const last = steps[steps.length - 1];
  const at = operation(view.op >= 0 && !orderWithout(view.op) ? view.op : view.op < 0 && view.step < 0 && operation(key.blocked) ? key.blocked : -1);
  if (at) reveal(xs[at.begin], Math.min(200, barEnd(at) - xs[at.begin]));
  else if (last) reveal(xAt(last.at), 0);
}
`;
