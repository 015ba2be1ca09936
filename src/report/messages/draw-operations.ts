import { html, type Markup } from '../html/escape.js';
import { BOLD } from './candidates.js';
import { outcomeOf, resultOf } from '../html/operations.js';
import { printable, showValue } from '../text.js';
import type { Operation } from '../../history/op.js';
import { round } from './draw-lanes.js';
import { SIZE, type OperationBox, type Scene } from './scene.js';
import { fit } from './text-width.js';

/** The clients' operations as boxes from invocation to completion; `prefix` sets the ids of this diagram apart. Where the box is open, time goes on. */
export function drawOperations({ boxes }: Scene, prefix: string): Markup {
  return html`<g class="operations">${boxes.map((box) => drawBox(box, prefix))}</g>`;
}

/** What was asked: `write x 7`. */
export function callText({ invoke: { f, key, value } }: Operation): string {
  const argument = value === null || value === undefined ? '' : ` ${showValue(value, 400)}`;
  return printable(`${f}${key === undefined ? '' : ` ${key}`}${argument}`);
}

/** How it ended: `ok → 7`, `unknown: timeout`. */
export function endText(operation: Operation): string {
  const outcome = outcomeOf(operation);
  const result = resultOf(operation, 400);
  const isEcho = operation.invoke.value !== null && result === showValue(operation.invoke.value, 400);
  return printable(result === '' || isEcho ? outcome : outcome === 'ok' ? `ok → ${result}` : `${outcome}: ${result}`);
}

function drawBox({ operation, atFault, id, x, y1, y2, begins, ends }: OperationBox, prefix: string): Markup {
  const { invoke, completion } = operation;
  const outcome = outcomeOf(operation);
  const left = x - SIZE.client;
  const [top, bottom] = [round(y1 - 4), round(Math.max(y2 + 4, y1 + 30))];
  const open = !ends || outcome === 'unknown' || outcome === 'open';
  const shape = begins ? (open ? `M${x} ${bottom}V${top}H${left}V${bottom}` : `M${x} ${bottom}V${top}H${left}V${bottom}z`) : open ? `M${x} ${top}V${bottom}M${left} ${top}V${bottom}` : `M${x} ${top}V${bottom}H${left}V${top}`;
  const line = (y: number, index: number, words: string, kind: string): Markup => {
    const number = `#${index}`;
    const room = SIZE.client - 16 - number.length * 7;
    return html`<text x="${left + 6}" y="${round(y)}"><tspan class="index">${number}</tspan> <tspan class="${kind}">${fit(words, room, atFault && kind === 'call' ? 11 * BOLD : 11)}</tspan></text>`;
  };
  const full = `${callText(operation)}: ${endText(operation)}, client ${invoke.process}${invoke.node === undefined ? '' : ` at ${invoke.node}`}, #${invoke.index}${completion === undefined ? '' : ` to #${completion.index}`}`;
  return html`<g class="operation ${outcome}${atFault ? ' at-fault' : ''}" id="${prefix}${id}" tabindex="-1"><title>${printable(full)}</title><path d="${shape}"/>${line(y1 + 9, invoke.index, callText(operation), 'call')}${ends && completion !== undefined ? line(bottom - 5, completion.index, endText(operation), 'outcome') : undefined}</g>`;
}
