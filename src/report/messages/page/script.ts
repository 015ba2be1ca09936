/** The page's only script: what is pointed at is lit, at both its ends, and told in full; arrow keys walk through the messages. A closure, so that it leaves no global name. */
export const MESSAGES_SCRIPT = String.raw`(() => {
'use strict';
const said = document.getElementById('said');
const prompt = said.textContent;
let lit = [];

function labelsOf(arrow) {
  const picture = arrow.closest('.picture');
  const id = arrow.id.slice(picture.dataset.prefix.length);
  return [...picture.querySelectorAll('[data-arrows]')].filter((label) => label.dataset.arrows.split(' ').includes(id));
}

function light(things) {
  for (const thing of lit) thing.classList.remove('lit');
  lit = things;
  for (const thing of lit) thing.classList.add('lit');
}

function show(thing) {
  const title = thing.querySelector('title');
  light([thing, ...(thing.classList.contains('arrow') ? labelsOf(thing) : [])]);
  said.textContent = title ? title.textContent : '';
}

function rest() {
  const focused = document.activeElement;
  if (focused && focused.matches('.arrow,.operation')) return show(focused);
  light([]);
  said.textContent = prompt;
}

/** The arrow, operation or label under the pointer; of a label, the arrow that it belongs to. */
function thingAt(target) {
  if (!(target instanceof Element)) return undefined;
  const label = target.closest('[data-arrows]');
  if (label) {
    const picture = label.closest('.picture');
    return document.getElementById(picture.dataset.prefix + label.dataset.arrows.split(' ')[0]);
  }
  const row = target.closest('[data-target]');
  return row ? document.getElementById(row.dataset.target) : target.closest('.arrow,.operation');
}

function inOrder(picture) {
  const number = (thing) => Number(thing.id.replace(/^.*m/, ''));
  return [...picture.querySelectorAll('.arrow')].sort((a, b) => number(a) - number(b));
}

function walk(picture, key) {
  const arrows = inOrder(picture);
  const at = arrows.indexOf(document.activeElement);
  const to = key === 'Home' ? 0 : key === 'End' ? arrows.length - 1 : at < 0 ? 0 : Math.max(0, Math.min(arrows.length - 1, at + (key === 'ArrowDown' ? 1 : -1)));
  const arrow = arrows[to];
  if (!arrow) return;
  arrow.focus({ preventScroll: true });
  arrow.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

document.addEventListener('pointerover', (event) => {
  const thing = thingAt(event.target);
  if (thing) show(thing);
  else rest();
});
document.addEventListener('focusin', rest);
document.addEventListener('focusout', () => setTimeout(rest));
document.addEventListener('click', (event) => {
  const thing = thingAt(event.target);
  if (thing && event.target.closest('.picture')) thing.focus({ preventScroll: true });
});
for (const picture of document.querySelectorAll('.picture')) {
  picture.addEventListener('keydown', (event) => {
    if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    walk(picture, event.key);
  });
}
function reveal() {
  const thing = document.getElementById(location.hash.slice(1));
  if (!thing || !thing.matches('.arrow,.operation')) return;
  thing.focus({ preventScroll: true });
  thing.scrollIntoView({ block: 'center', inline: 'nearest' });
}
addEventListener('hashchange', reveal);
reveal();
})();
`;
