/** First part of the page's script: what is shown, and what is known of it. The data's form is `ExplainData`. */
export const SCRIPT_MODEL = String.raw`
const byId = (id) => document.getElementById(id);
const keys = JSON.parse(byId('data').textContent);
const SVG = 'http://www.w3.org/2000/svg';

/** step -1: all of the order. op: selected, hover: pointed at; -1: none. swap: whether the order without the one pointed at is shown. */
const view = { key: 0, op: -1, hover: -1, swap: false, step: -1, time: false };
let key = keys[0];
let operationById = new Map();

function element(parent, name, className, words) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  parent.append(made);
  return made;
}

function shape(parent, name, attributes, words) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  if (words !== undefined) made.textContent = words;
  parent.append(made);
  return made;
}

const clip = (words, length) => (words.length <= length ? words : words.slice(0, Math.max(1, length - 1)) + '…');
const isCore = (id) => key.core.includes(id);
const operation = (id) => operationById.get(id);
const named = (id) => (operation(id) ? clip(operation(id).call, 60) : '#' + id);
const orderWithout = (id) => (id < 0 ? undefined : key.orders.find(({ without }) => without === id));
const longest = () => key.orders.find(({ without }) => without < 0);

/** The order that is stepped through: the selected operation's, or the longest. */
const chosenOrder = () => orderWithout(view.op) || longest();

/** Of an order as many steps as are to be seen. */
function shown() {
  const pointed = view.swap ? orderWithout(view.hover) : undefined;
  const order = pointed || chosenOrder();
  if (!order) return { order: undefined, steps: [], whole: false };
  const count = order === chosenOrder() && view.step >= 0 ? Math.min(view.step, order.steps.length) : order.steps.length;
  return { order, steps: order.steps.slice(0, count), whole: count === order.steps.length };
}

const isBefore = (a, b) => a.end >= 0 && a.end < b.begin;
const eventName = (rank) => '#' + key.events[rank][0];
const span = (o) => eventName(o.begin) + (o.end < 0 ? ', open' : '–' + eventName(o.end));
const OUTCOMES = { ok: 'succeeded', unknown: 'unknown: it may take effect at any time after its beginning, or never', failed: 'failed: it took no effect' };

function seconds(ns) {
  return (ns / 1e9).toFixed(4) + ' s';
}

function chooseKey(i) {
  view.key = Math.max(0, Math.min(keys.length - 1, i));
  key = keys[view.key];
  operationById = new Map(key.operations.map((o) => [o.id, o]));
  view.op = view.hover = view.step = -1;
}

function readHash(words) {
  const given = new URLSearchParams(words.replace(/^#/, ''));
  const number = (name) => (/^\d{1,9}$/.test(given.get(name) || '') ? Number(given.get(name)) : -1);
  chooseKey(number('key'));
  view.op = operation(number('op')) ? number('op') : -1;
  view.step = number('step');
  view.time = key.timed && given.get('time') === '1';
}

function hashOf() {
  const parts = [];
  if (view.key > 0) parts.push('key=' + view.key);
  if (view.op >= 0) parts.push('op=' + view.op);
  if (view.step >= 0) parts.push('step=' + view.step);
  if (view.time) parts.push('time=1');
  return '#' + parts.join('&');
}
`;
