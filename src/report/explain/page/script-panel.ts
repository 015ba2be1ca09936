/** Third part of the page's script: words beside the diagram. Text from the data is only ever set as text. */
export const SCRIPT_PANEL = String.raw`
function code(parent, words, length = 60) {
  const made = element(parent, 'code', '', clip(words, length));
  if (words.length > length) made.title = words;
  return made;
}

/** An operation as a button that selects it. */
function opButton(parent, id, words = named(id)) {
  const made = element(parent, 'button', 'op-link' + (isCore(id) ? ' core' : ''), words);
  made.type = 'button';
  if (operation(id)) made.title = operation(id).call + ' ' + span(operation(id));
  made.addEventListener('click', () => select(id));
  made.addEventListener('pointerenter', () => point(id));
  made.addEventListener('pointerleave', () => point(-1));
  return made;
}

/** The first sentence large, the others small; names of events lead to their operations. */
function tell() {
  const whole = key.message;
  const cut = whole.search(/[.:] (?=[A-Z])/);
  byId('heading').textContent = key.key === '' ? 'Not linearizable as ' + key.model : 'Key ' + clip(key.key, 40) + ' is not linearizable as ' + key.model;
  linked(byId('sentence'), cut < 0 ? whole : whole.slice(0, cut + 1));
  linked(byId('more'), cut < 0 ? '' : whole.slice(cut + 2));
  const whose = key.key === '' ? 'object' : 'key';
  byId('hidden').textContent = key.hidden === 0 ? 'All operations of this ' + whose + ' are shown.' : key.hidden + (key.hidden === 1 ? ' operation' : ' operations') + ' of this ' + whose + (key.hidden === 1 ? ' is' : ' are') + ' not shown: whatever they did, what is at fault is impossible.';
}

function linked(parent, words) {
  parent.textContent = '';
  const byEvent = new Map(key.operations.flatMap((o) => [o.begin, ...(o.end < 0 ? [] : [o.end])].map((rank) => [key.events[rank][0], o.id])));
  let from = 0;
  for (const match of words.matchAll(/#(\d+)(?:–#\d+)?/g)) {
    const id = byEvent.get(Number(match[1]));
    if (id === undefined) continue;
    parent.append(words.slice(from, match.index));
    opButton(parent, id, match[0]);
    from = match.index + match[0].length;
  }
  parent.append(words.slice(from));
}

function writeSteps() {
  const panel = byId('steps');
  const kept = panel.querySelector ? panel.querySelector('ol') : null;
  const scrolled = kept ? kept.scrollTop : 0;
  panel.textContent = '';
  const order = chosenOrder();
  orderSwitch(panel);
  if (!order) return writeNoOrder(panel);
  const total = order.steps.length;
  const count = view.step < 0 ? total : Math.min(view.step, total);
  const words = element(panel, 'p', 'note');
  if (order.without < 0) words.textContent = 'One order of the longest part that has one: ' + key.reached.completions + ' of ' + key.reached.of + ' completions' + (total < key.reached.completions ? ', of which the last are listed.' : '.');
  else {
    words.append('Without ');
    code(words, named(order.without));
    words.append(' the others at fault are possible, in this order:');
  }
  controls(panel, count, total);
  const state = element(panel, 'div', 'now');
  element(state, 'span', 'note', count === 0 ? 'before step 1' : 'state after step ' + count);
  code(state, count === 0 ? '–' : order.steps[count - 1].state, 80);
  listSteps(panel, order, count, scrolled);
  if (count === total) ending(panel, order);
}

function orderSwitch(panel) {
  const others = key.orders.filter(({ without }) => without >= 0);
  if (others.length + (longest() ? 1 : 0) === 0) return;
  const label = element(panel, 'label', 'orders', 'Order ');
  const list = element(label, 'select', '');
  list.id = 'order';
  const option = (value, words) => {
    const made = element(list, 'option', '', words);
    made.value = String(value);
    if (value === (orderWithout(view.op) ? view.op : -1)) made.selected = true;
  };
  option(-1, longest() ? 'the longest possible' : 'with all of them: there is none');
  for (const { without } of others) option(without, 'without ' + clip(named(without), 24) + ' ' + eventName(operation(without).begin));
  list.addEventListener('change', () => {
    select(Number(list.value));
    byId('order').focus();
  });
}

function writeNoOrder(panel) {
  element(panel, 'p', '', key.core.length === 1 ? 'This operation is impossible by itself:' : 'These ' + key.core.length + ' operations are impossible together, whatever the others did:');
  const list = element(panel, 'ul', 'culprits');
  for (const id of key.core) {
    const item = element(list, 'li', '');
    opButton(item, id);
    if (operation(id)) element(item, 'span', 'note', ' ' + span(operation(id)) + ', process ' + operation(id).process);
  }
  if (key.orders.length > 0) element(panel, 'p', 'note', 'Choose one to see an order that is possible without it.');
}

function controls(panel, count, total) {
  const bar = element(panel, 'div', 'controls');
  const button = (words, label, to, enabled) => {
    const made = element(bar, 'button', '', words);
    made.type = 'button';
    made.title = label;
    made.setAttribute('aria-label', label);
    made.disabled = !enabled;
    made.id = 'go-' + label.split(' ')[0];
    made.addEventListener('click', () => {
      goTo(to);
      const again = byId(made.id);
      if (again && again.focus) again.focus();
    });
  };
  button('«', 'first step', 0, count > 0);
  button('‹', 'previous step', count - 1, count > 0);
  element(bar, 'output', '', 'step ' + count + ' of ' + total);
  button('›', 'next step', count + 1, count < total);
  button('»', 'last step', total, count < total);
}

function listSteps(panel, order, count, scrolled) {
  const list = element(panel, 'ol', 'steps');
  let current = null;
  order.steps.forEach((step, i) => {
    const item = element(list, 'li', i >= count ? 'later' : i === count - 1 ? 'current' : '');
    if (i === count - 1) { item.setAttribute('aria-current', 'step'); current = item; }
    const button = element(item, 'button', isCore(step.operation) ? 'core' : '');
    button.type = 'button';
    element(button, 'i', '', String(i + 1));
    code(button, operation(step.operation).call, 26);
    element(button, 'span', 'arrow', '→');
    code(button, step.state, 18);
    button.addEventListener('click', () => goTo(i + 1));
    button.addEventListener('pointerenter', () => point(step.operation, false));
    button.addEventListener('pointerleave', () => point(-1));
  });
  list.scrollTop = scrolled;
  if (!current) return;
  const top = current.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + current.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
}

function ending(panel, order) {
  const box = element(panel, 'div', order.without < 0 ? 'end bad' : 'end good');
  if (order.without >= 0) {
    box.append('All the others at fault have a place: it is ');
    opButton(box, order.without);
    box.append(' that they leave no room for.');
    return;
  }
  const { states } = key.reached;
  if (states.length > 0) {
    box.append(states.length === 1 ? 'The only state possible here: ' : 'Possible states here, by one order or another: ');
    states.forEach((state, i) => {
      if (i > 0) box.append(', ');
      code(box, state, 40);
    });
    box.append('. ');
  }
  const blocked = operation(key.blocked);
  box.append(blocked ? 'No order can take ' : 'No order goes further.');
  if (!blocked) return;
  opButton(box, key.blocked);
  box.append(blocked.end < 0 ? '.' : ' before it ends at ' + eventName(blocked.end) + '.');
}

function writeFacts() {
  const panel = byId('facts');
  panel.textContent = '';
  panel.className = view.hover >= 0 ? 'pointing' : '';
  const o = operation(view.hover >= 0 ? view.hover : view.op);
  if (!o) {
    element(panel, 'p', 'note', 'Point at an operation, or move to it with n and p: what is before and after it in real time, and what it excludes.').id = 'prompt';
    return;
  }
  const title = element(panel, 'h2', isCore(o.id) ? 'core' : '');
  code(title, o.call, 200);
  const columns = element(panel, 'div', 'columns');
  const facts = element(columns, 'dl', ''), relations = element(columns, 'dl', '');
  const fact = (list, name, words) => {
    element(list, 'dt', '', name);
    return element(list, 'dd', '', words);
  };
  fact(facts, 'process', o.process + (o.node === '' ? '' : ' at node ' + o.node));
  fact(facts, 'interval', span(o) + timesOf(o));
  fact(facts, 'outcome', OUTCOMES[o.outcome]);
  listOf(fact(relations, '◂ before it', ''), key.operations.filter((other) => isBefore(other, o)).reverse());
  listOf(fact(relations, '▸ after it', ''), key.operations.filter((other) => isBefore(o, other)));
  listOf(fact(relations, 'concurrent', ''), key.operations.filter((other) => other !== o && !isBefore(other, o) && !isBefore(o, other)));
  excluded(panel, o);
}

function timesOf(o) {
  if (!key.timed) return '';
  const begin = key.events[o.begin][1];
  if (o.end < 0) return ', from ' + seconds(begin);
  const end = key.events[o.end][1];
  return ', ' + seconds(begin) + ' – ' + seconds(end) + ' (' + ((end - begin) / 1e6).toFixed(2) + ' ms)';
}

const LISTED = 4;

function listOf(parent, found) {
  if (found.length === 0) return parent.append('none of those shown');
  found.slice(0, LISTED).forEach((other, i) => {
    if (i > 0) parent.append(', ');
    code(parent, other.call, 20);
  });
  if (found.length > LISTED) parent.append(' and ' + (found.length - LISTED) + ' more');
}

function excluded(panel, o) {
  if (o.id === key.blocked) element(panel, 'p', 'excluded', 'No order of what came before can take its result.');
  if (!isCore(o.id)) return;
  const order = orderWithout(o.id);
  const words = element(panel, 'p', 'excluded');
  if (!order) {
    words.textContent = key.core.length === 1 ? 'It is impossible by itself.' : key.minimal ? 'It is at fault: together with the others at fault it is impossible.' : 'It is among the operations at fault; perhaps they contradict each other without it, too.';
    return;
  }
  words.append('Without this operation the others are possible in this order: ');
  order.steps.slice(0, 12).forEach((step, i) => {
    if (i > 0) words.append(', ');
    code(words, operation(step.operation).call, 24);
  });
  words.append(order.steps.length > 12 ? ' and ' + (order.steps.length - 12) + ' more.' : '.');
}
`;
