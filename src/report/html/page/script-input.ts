/** Third part of the page's script: mouse, keyboard, filters and jumps. */
export const SCRIPT_INPUT = String.raw`
let drag = null;

function place(event) {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** The operation or the words at a point. */
function at(x, y) {
  if (x < LEFT) return null;
  const time = toTime(x);
  const reach = (view.to - view.from) / plotWidth() * 4;
  if (y >= tracksTop && y < tracksTop + data.tracks.length * TRACK) {
    const track = data.tracks[Math.floor((y - tracksTop) / TRACK)];
    const span = track.spans.filter(([from, to]) => from - reach <= time && time <= to + reach).at(-1);
    return { words: track.label + ': ' + (span ? span[2] + '\n' + seconds(span[0]) + ' – ' + seconds(span[1]) : track.group === 'node' ? 'no fault aimed at it' : 'none') };
  }
  const lane = lanes[Math.floor((y - lanesTop) / LANE)];
  if (!lane || y < lanesTop) return null;
  let best = -1, least = reach;
  for (let n = firstAt(lane, time - reach); n < lane.length && data.start[lane[n]] <= time + reach; n++) {
    const i = lane[n];
    const away = Math.max(0, data.start[i] - time, time - data.stop[i]) + (matches[i] ? 0 : reach / 2);
    if (away < least) { least = away; best = i; }
  }
  return best < 0 ? null : { operation: best, words: describe(best) };
}

function point(x, y) {
  const found = at(x, y);
  tip.hidden = found === null;
  if (found === null) return;
  tip.textContent = found.words;
  const left = Math.min(x + 14, view.width - tip.offsetWidth - 6);
  tip.style.left = Math.max(0, left) + 'px';
  tip.style.top = (y + 18 + tip.offsetHeight > height ? Math.max(0, y - tip.offsetHeight - 10) : y + 18) + 'px';
}

function select(i) {
  view.selected = i;
  byId('said').textContent = i < 0 ? '' : describe(i);
  redraw();
}

function jumpTo(number) {
  const operations = data.anomalies[number] || [];
  if (operations.length === 0) return;
  let from = Infinity, to = 0;
  for (const i of operations) {
    from = Math.min(from, data.start[i]);
    to = Math.max(to, data.outcome[i] > 1 ? data.start[i] : data.stop[i]);
  }
  const margin = Math.max(500, (to - from) * 0.15);
  view.anomaly = number;
  view.selected = -1;
  for (const id of ['filter-key', 'filter-process', 'filter-outcome', 'filter-f']) byId(id).value = '';
  applyFilter();
  show(from - margin, to + margin);
  byId('said').textContent = 'Finding ' + (number + 1) + ': ' + operations.length + ' operations, outlined.';
  byId('timeline').scrollIntoView();
  canvas.focus({ preventScroll: true });
}

/** The next operation that matches, in order of invocation. */
function step(direction) {
  let i = view.selected;
  if (i < 0) {
    i = direction > 0 ? -1 : total;
    if (view.from > 0) while (i + 1 < total && data.start[i + 1] < view.from) i++;
  }
  do i += direction; while (i >= 0 && i < total && !matches[i]);
  if (i < 0 || i >= total) return;
  const length = view.to - view.from;
  if (data.start[i] < view.from || data.start[i] > view.to) show(data.start[i] - length / 2, data.start[i] + length / 2);
  select(i);
}

const KEYS = {
  ArrowLeft: () => show(view.from - (view.to - view.from) / 5, view.to - (view.to - view.from) / 5),
  ArrowRight: () => show(view.from + (view.to - view.from) / 5, view.to + (view.to - view.from) / 5),
  '+': () => zoom(0.5, (view.from + view.to) / 2),
  '=': () => zoom(0.5, (view.from + view.to) / 2),
  '-': () => zoom(2, (view.from + view.to) / 2),
  '0': () => show(0, end),
  Home: () => show(0, view.to - view.from),
  End: () => show(end - (view.to - view.from), end),
  n: () => step(1),
  p: () => step(-1),
  a: () => data.anomalies.length > 0 && jumpTo((view.anomaly + 1) % data.anomalies.length),
  Escape: () => { tip.hidden = true; view.anomaly = -1; select(-1); },
};

canvas.addEventListener('keydown', (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
canvas.addEventListener('wheel', (event) => {
  const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
  if (!event.ctrlKey && !event.metaKey && !sideways) return;
  event.preventDefault();
  const { x } = place(event);
  if (sideways && !event.ctrlKey && !event.metaKey) {
    const shift = ((event.deltaX || event.deltaY) / plotWidth()) * (view.to - view.from);
    show(view.from + shift, view.to + shift);
  } else zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.01), toTime(x));
}, { passive: false });
canvas.addEventListener('pointerdown', (event) => {
  const { x, y } = place(event);
  drag = { x, y, from: view.from, to: view.to, moved: false };
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener('pointermove', (event) => {
  const { x, y } = place(event);
  if (!drag) return point(x, y);
  if (Math.abs(x - drag.x) > 3) drag.moved = true;
  if (!drag.moved) return;
  canvas.classList.add('dragged');
  tip.hidden = true;
  const shift = ((drag.x - x) / plotWidth()) * (drag.to - drag.from);
  show(drag.from + shift, drag.to + shift);
});
const release = (event) => {
  canvas.classList.remove('dragged');
  if (drag && !drag.moved && event.type === 'pointerup') {
    const found = at(drag.x, drag.y);
    select(found && found.operation !== undefined ? found.operation : -1);
  }
  drag = null;
};
canvas.addEventListener('pointerup', release);
canvas.addEventListener('pointercancel', release);
canvas.addEventListener('pointerleave', () => { tip.hidden = true; });
canvas.addEventListener('dblclick', (event) => zoom(0.4, toTime(place(event).x)));
byId('zoom-in').addEventListener('click', KEYS['+']);
byId('zoom-out').addEventListener('click', KEYS['-']);
byId('zoom-all').addEventListener('click', KEYS['0']);
for (const id of ['filter-key', 'filter-process', 'filter-outcome', 'filter-f']) byId(id).addEventListener('input', applyFilter);
for (const button of document.querySelectorAll('.jump')) button.addEventListener('click', () => jumpTo(Number(button.dataset.anomaly)));

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColors(); redraw(); });
new ResizeObserver(resize).observe(stage);
readColors();
applyFilter();
resize();
`;
