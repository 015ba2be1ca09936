import { html, Markup } from '../html/escape.js';
import { plural, printable, wrap } from '../text.js';
import { drawArrows, drawLabels } from './draw-arrows.js';
import { drawFaults } from './draw-faults.js';
import { drawAxis, drawHead, drawLanes, round } from './draw-lanes.js';
import { drawOperations } from './draw-operations.js';
import type { MessagesInput } from './input.js';
import { labelsOf } from './labels.js';
import { msText, sceneOf, SIZE, type Scene } from './scene.js';
import { storyOf } from './story.js';
import { DIAGRAM_STYLE } from './style.js';

const FOOT_LINE = 15;
/** With more arrows than this, those that carried nothing at fault are paler. */
const CROWDED = 80;
const PATTERNS = new Markup('<defs><pattern id="fl-paused" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M1 0V6"/></pattern><pattern id="fl-cut" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path class="cut-hatch" d="M1 0V7"/></pattern></defs>');

/** What a diagram is to be of. */
export interface DiagramOptions {
  /** Position in `anomalies`; 0 if left out. */
  readonly anomaly?: number;
}

/**
 * Who sent what to whom around an anomaly, as one SVG that needs nothing else: a space-time diagram (Lamport, CACM 21(7), 1978) with time downwards. It
 * chooses what part of the run to show and how much of it, and says what it left out. Without anomalies it shows the whole run as far as there is room.
 * Throws FaultlineError `history-pairing` for a history that is none.
 */
export function messageDiagram(input: MessagesInput, { anomaly = 0 }: DiagramOptions = {}): string {
  return drawScene(sceneOf(storyOf(input, input.anomalies[anomaly])), '').text;
}

/** The SVG of a scene. `prefix` begins the ids of what can be pointed at; `patterns`: whether it brings the patterns that it is drawn with, or another on the page does. */
export function drawScene(scene: Scene, prefix: string, patterns = true): Markup {
  const labels = labelsOf(scene);
  const { width, story } = scene;
  const { window, anomaly } = story;
  const footLines = wrap(footText(scene, labels.unplaced), Math.floor((width - 24) / 6));
  const height = scene.height + footLines.length * FOOT_LINE;
  const about = `Messages between ${story.lanes.map(({ label }) => label).join(', ')} from ${msText(window.fromNs, window)} to ${msText(window.toNs, window)} ms`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="fl-messages${story.messages.length > CROWDED ? ' crowded' : ''}" width="${width}" height="${round(height)}" viewBox="0 0 ${width} ${round(height)}" role="img" aria-label="${printable(about)}"><title>${printable(anomaly === undefined ? about : `${anomaly.kind}: ${anomaly.message}`)}</title><style>${new Markup(DIAGRAM_STYLE)}</style>${patterns ? PATTERNS : undefined}<rect class="paper" width="${width}" height="${round(height)}"/>${drawAxis(scene)}${drawLanes(scene)}${drawFaults(scene)}${drawOperations(scene, prefix)}${drawArrows(scene, prefix)}${drawLabels(labels, scene)}${drawHead(scene)}${footLines.map((line, i) => html`<text class="foot" x="12" y="${round(scene.height + i * FOOT_LINE)}">${line}</text>`)}</svg>`;
}

function footText({ story }: Scene, unplaced: number): string {
  const nothing = story.messages.length === 0 ? 'No messages in this time. ' : '';
  const all = [...story.leftOut, ...(unplaced === 0 ? [] : [`the words of ${plural(unplaced, 'event')}`])];
  return `${nothing}${all.length === 0 ? 'Nothing of this time was left out.' : `Left out: ${all.join('; ')}.`} Time is not to scale.`;
}

/** The names of the lanes alone, as wide as the diagram, to stand over it while it is scrolled. */
export function drawStickyHead(scene: Scene): Markup {
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="fl-messages head" width="${scene.width}" height="${SIZE.head}" viewBox="0 0 ${scene.width} ${SIZE.head}" aria-hidden="true">${drawHead(scene)}</svg>`;
}
