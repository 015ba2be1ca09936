/** Fourth part of the page's script: mouse, keyboard and address. */
export const SCRIPT_INPUT = String.raw`
let written = '';

function remember() {
  written = hashOf();
  try {
    history.replaceState(null, '', written);
  } catch {
    location.hash = written;
  }
}

/** Shows what the view says. fresh: the bars are to be made anew. */
function show(fresh) {
  if (fresh) {
    tell();
    draw();
    byId('by-order').setAttribute('aria-pressed', String(!view.time));
    byId('by-time').setAttribute('aria-pressed', String(view.time));
    byId('by-time').disabled = !key.timed;
    byId('axis-note').textContent = !key.timed ? 'No times are known.' : view.time ? '' : 'Not to scale: ' + seconds(key.events[0][1]) + ' – ' + seconds(key.events[key.events.length - 1][1]) + '.';
    const selector = byId('key');
    if (selector) selector.value = String(view.key);
  }
  paint();
  writeSteps();
  writeFacts();
}

function point(id, swap = true) {
  if (view.hover === id) return;
  view.hover = id;
  view.swap = swap;
  paint();
  writeFacts();
}

function select(id) {
  const before = chosenOrder();
  view.op = operation(id) ? id : -1;
  view.hover = -1;
  if (chosenOrder() !== before) view.step = -1;
  show(false);
  revealShown();
  remember();
}

function goTo(step) {
  const order = chosenOrder();
  if (!order) return;
  view.hover = -1;
  view.step = Math.max(0, Math.min(order.steps.length, step));
  show(false);
  revealShown();
  remember();
}

function move(direction) {
  const order = chosenOrder();
  if (order) goTo((view.step < 0 ? order.steps.length : Math.min(view.step, order.steps.length)) + direction);
}

/** The next operation in order of invocation gets the focus, and is selected. */
function next(direction) {
  const list = key.operations;
  const at = list.indexOf(operation(view.op));
  const to = at < 0 ? (direction > 0 ? 0 : list.length - 1) : (at + direction + list.length) % list.length;
  select(list[to].id);
  const { group } = bars.get(list[to].id);
  for (const { group: other } of bars.values()) other.setAttribute('tabindex', '-1');
  group.setAttribute('tabindex', '0');
  group.focus({ preventScroll: true });
  reveal(xs[list[to].begin], 80);
}

function byTime(on) {
  if (on && !key.timed) return;
  view.time = on;
  show(true);
  revealShown();
  remember();
}

const KEYS = {
  ArrowLeft: () => move(-1),
  ArrowRight: () => move(1),
  Home: () => goTo(0),
  End: () => goTo(Infinity),
  n: () => next(1),
  p: () => next(-1),
  t: () => byTime(!view.time),
  Escape: () => { view.step = -1; select(-1); },
};

document.addEventListener('keydown', (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || (target && target.tagName === 'SELECT')) return;
  if ((event.key === 'Enter' || event.key === ' ') && target && target.dataset && target.dataset.op !== undefined) {
    event.preventDefault();
    select(Number(target.dataset.op));
    return;
  }
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
byId('scroller').addEventListener('scroll', keepLabels);
byId('by-order').addEventListener('click', () => byTime(false));
byId('by-time').addEventListener('click', () => byTime(true));
if (byId('key')) byId('key').addEventListener('change', () => {
  const { time } = view;
  chooseKey(Number(byId('key').value));
  byTime(time && key.timed);
});
window.addEventListener('hashchange', () => {
  if (location.hash === written) return;
  readHash(location.hash);
  show(true);
  revealShown();
});

byId('view').hidden = false;
readHash(location.hash);
show(true);
revealShown();
let width = byId('scroller').clientWidth;
new ResizeObserver(() => {
  if (byId('scroller').clientWidth === width) return;
  width = byId('scroller').clientWidth;
  show(true);
}).observe(byId('scroller'));
`;
