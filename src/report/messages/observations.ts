import { printable } from '../text.js';
import { callText, endText } from './draw-operations.js';
import { lossText } from './labels.js';
import type { Life } from './lives.js';
import { msText } from './scene.js';
import type { Carried, Story } from './story.js';

/** So many operations, and pairs of leaders, are told of. */
const MOST = 8;

/** What can be read off a diagram, in sentences: who led at the same time, where each operation that the anomaly names went, what was lost. Facts of the trace, no verdicts. */
export function observations({ window, lives, carried, messages, lanes }: Story): readonly string[] {
  const nodes = lanes.filter(({ kind }) => kind === 'node').map(({ id }) => id);
  return [...leadersAtOnce(lives, window).slice(0, MOST), ...carried.slice(0, MOST).map((one) => wayOf(one, nodes)), ...lossesOf(messages)];
}

/** Stretches in which two running nodes take themselves for leader. */
function leadersAtOnce(lives: readonly Life[], window: Story['window']): readonly string[] {
  const leading = lives.filter(({ process, role }) => process === 'running' && role === 'leader');
  return leading.flatMap((a, i) => leading.slice(i + 1).flatMap((b) => {
    const [fromNs, toNs] = [Math.max(a.fromNs, b.fromNs), Math.min(a.toNs, b.toNs)];
    return a.node === b.node || fromNs >= toNs ? [] : [`${a.node} and ${b.node} both take themselves for leader from ${msText(fromNs, window)} to ${msText(toNs, window)} ms${toNs === window.toNs ? ' at least' : ''}.`];
  })).map(printable);
}

function wayOf({ operation, messages }: Carried, nodes: readonly string[]): string {
  const touched = nodes.filter((node) => [...messages].some(({ from, to }) => from === node || to === node));
  const what = `#${operation.invoke.index} ${callText(operation)} (${endText(operation)})`;
  if (touched.length === 0) return `${what}: no message that can have carried it is in the trace.`;
  return printable(touched.length === 1 ? `${what}: only ${touched[0]} had a part in it: nothing but routine messages can have gone to another node and back for it.` : `${what}: ${touched.join(', ')} can have had a part in it.`);
}

function lossesOf(messages: Story['messages']): readonly string[] {
  const counts = new Map<string, number>();
  for (const { message } of messages) {
    if (message.lost === undefined && message.arrivedNs !== undefined) continue;
    const why = lossText({ message });
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return total === 0 ? [] : [`Of the messages shown, ${total} did not arrive: ${[...counts].map(([why, count]) => `${count} ${why}`).join(', ')}.`];
}
