import { html, Markup } from '../../html/escape.js';

/** A sample in a box of 34 by 18 pixels, drawn as the diagram draws it, and what it means. */
const ENTRIES: readonly (readonly [string, string])[] = [
  ['<g class="operation at-fault"><path d="M2 2h30v14h-30z"/></g>', 'an operation that the finding names, from its invocation to its completion'],
  ['<g class="operation ok"><path d="M2 2h30v14h-30z"/></g>', 'another one; dashed: failed; dotted: outcome unknown'],
  ['<g class="arrow carries"><path class="line" d="M2 5L25 12"/><path class="tip" d="M32 14L24 16L26 9z"/></g>', 'a message that can have carried an operation of the finding'],
  ['<g class="arrow"><path class="line" d="M2 5L25 12"/><path class="tip" d="M32 14L24 16L26 9z"/></g>', 'another message'],
  ['<g class="arrow lost"><path class="line" d="M2 5L24 11"/><path class="cross" d="M20 7l9 9m0 -9l-9 9"/></g>', 'a message that never arrived, and why'],
  ['<path class="life leader" d="M17 1V17"/>', 'leader'],
  ['<rect class="life candidate" x="13" y="1" width="8" height="16"/>', 'candidate'],
  ['<path class="life" d="M17 1V17"/>', 'any other role'],
  ['<rect class="life paused" x="11" y="1" width="12" height="16"/>', 'paused'],
  ['<path class="stop" d="M8 2h18"/><path class="life stopped" d="M17 2V18"/>', 'stopped'],
  ['<rect class="cut-off" x="2" y="1" width="30" height="16"/><path class="life" d="M17 1V17"/>', 'cut off: it hears no majority'],
  ['<rect class="partly-cut" x="2" y="1" width="30" height="16"/><path class="life" d="M17 1V17"/>', 'cut from some nodes, or otherwise disturbed'],
  ['<circle class="point" cx="17" cy="9" r="2.6"/>', 'something that the node notes; its words are beside it, or appear when pointed at'],
  ['<path class="break" d="M2 9l6 -5l6 5l6 -5l6 5l6 -5"/>', 'time cut short: how much, stands at the left'],
];

/** What the signs of a diagram mean. */
export function legend(): Markup {
  return html`<ul class="key-of" aria-label="Legend">${ENTRIES.map(([sample, words]) => html`<li><svg class="fl-messages" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">${new Markup(sample)}</svg>${words}</li>`)}</ul>`;
}
