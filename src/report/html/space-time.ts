import type { Operation } from '../../history/op.js';
import { clip, showValue } from '../text.js';
import { html, type Markup } from './escape.js';
import { outcomeOf, resultOf } from './operations.js';

/** Sizes in pixels: between two events, of a row, and of the labels left of the rows. */
const STEP = 58;
const ROW = 46;
const LEFT = 92;
const TOP = 12;
const CHAR = 6.7;

/** An operation of the diagram, and whether the anomaly names it. */
export interface Shown {
  readonly operation: Operation;
  readonly atFault: boolean;
}

interface Bar extends Shown {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** Column up to which its row is free. */
  readonly free: number;
}

/**
 * A space-time diagram (Lamport, "Time, Clocks, and the Ordering of Events", CACM 21(7), 1978): a row for each process, a bar for each operation from
 * its invocation to its completion. Events stand at equal distances in their real-time order, so that overlap and precedence are exact and lengths mean nothing.
 */
export function spaceTimeDiagram(shown: readonly Shown[]): Markup {
  const bars = layOut(shown);
  const processes = [...new Set(shown.map(({ operation }) => operation.invoke.process))];
  const columns = Math.max(0, ...bars.map(({ to }) => to)) + 1;
  const width = LEFT + columns * STEP + 20;
  const height = TOP + processes.length * ROW + 22;
  const rows = processes.map((process, i) => html`<text x="0" y="${TOP + i * ROW + 29}" class="who">process ${process}</text><path class="rail" d="M${LEFT} ${TOP + i * ROW + 26}H${width}"/>`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Space-time diagram, scrolls sideways"><svg class="spacetime" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Operations by process in the order of their events; the table above lists the same operations">${rows}${bars.map(bar)}<text x="${LEFT}" y="${height - 4}" class="who">events in real-time order →</text></svg></div>`;
}

function layOut(shown: readonly Shown[]): readonly Bar[] {
  const indices = shown.flatMap(({ operation: { invoke, completion } }) => [invoke.index, ...(completion === undefined ? [] : [completion.index])]).sort((a, b) => a - b);
  const column = new Map(indices.map((index, i) => [index, i]));
  const processes = [...new Set(shown.map(({ operation }) => operation.invoke.process))];
  return shown.map((one) => {
    const { invoke, completion } = one.operation;
    const next = shown.find(({ operation }) => operation.invoke.process === invoke.process && operation.invoke.index > invoke.index);
    return {
      free: next === undefined ? indices.length : (column.get(next.operation.invoke.index) ?? 0),
      ...one,
      row: processes.indexOf(invoke.process),
      from: column.get(invoke.index) ?? 0,
      to: completion === undefined ? indices.length : (column.get(completion.index) ?? 0),
    };
  });
}

/** An unknown outcome may take effect after its completion, for ever: its bar is open to the right. */
function bar({ operation, atFault, row, from, to, free }: Bar): Markup {
  const outcome = outcomeOf(operation);
  const x = LEFT + from * STEP;
  const width = Math.max(STEP * 0.8, (to - from) * STEP);
  const y = TOP + row * ROW + 16;
  const open = outcome === 'unknown' || outcome === 'open';
  const shape = open ? `M${x + width + 10} ${y}H${x}v20H${x + width + 10}` : `M${x} ${y}h${width}v20h${-width}z`;
  const label = clip(callText(operation), Math.floor((Math.max(width, (free - from) * STEP) - 8) / CHAR));
  return html`<g class="bar ${outcome}${atFault ? ' fault' : ''}"><title>${`${callText(operation)}: ${outcome}, process ${operation.invoke.process}, #${operation.invoke.index}${operation.completion === undefined ? '' : ` to #${operation.completion.index}`}`}</title><path d="${shape}"/><text x="${x + 5}" y="${y + 14}">${label}</text><text x="${x}" y="${y - 4}" class="index">#${operation.invoke.index}</text></g>`;
}

function callText(operation: Operation): string {
  const { f, value } = operation.invoke;
  const argument = value === null || value === undefined ? '' : ` ${showValue(value, 24)}`;
  const result = resultOf(operation, 24);
  return `${f}${argument}${result === '' || (argument !== '' && result === showValue(value, 24)) ? '' : ` → ${result}`}${outcomeOf(operation) === 'fail' ? ' ✗' : outcomeOf(operation) === 'ok' ? '' : ' ?'}`;
}
