import { printable } from '../text.js';
import { alongLine, type Box } from './occupied.js';
import { SIZE, type Arrow, type PlacedLane, type Scene } from './scene.js';
import { fit, twoLines, widthOf } from './text-width.js';

/** A place that a label could have. */
export interface Candidate {
  /** One line, or two with a line feed between. */
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** What it would lie over. */
  readonly boxes: readonly Box[];
  /** How much it is worse than the best, in arrows that lie under it. */
  readonly cost: number;
}

/** Font sizes of messages' labels, as in the style sheet, and the room on either side of a lane that they leave free; pixels. */
const MESSAGE_FONT = 11;
const CARRYING_FONT = 10.5;
const BESIDE_LANE = 9;
/** So much wider are bold letters. */
export const BOLD = 1.12;
/** From the first to the second line of a text, pixels. */
export const SECOND_LINE = 12;

/** What a message says, at full length. */
export function messageText({ message: { sort, detail } }: Pick<Arrow, 'message'>): string {
  return printable(detail === undefined || detail === '' ? sort : `${sort} ${detail}`);
}

/** Places along an arrow: in each gap between two lanes, over and under the line, in the middle and towards its ends; cut to the gap, or in need only what sort it is. `bold`: so it will be drawn. */
export function arrowCandidates(arrow: Arrow, lanes: readonly PlacedLane[], bold: boolean): readonly Candidate[] {
  const { x1, y1, x2, y2, message } = arrow;
  const font = bold ? CARRYING_FONT * BOLD : MESSAGE_FONT;
  const aside = bold && !arrow.carries ? 4 : 0;
  const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)];
  const xs = [...new Set([left, ...lanes.map(({ x }) => x).filter((x) => x > left && x < right), right])].sort((a, b) => a - b);
  const gaps = xs.slice(1).map((to, i) => [xs[i] ?? to, to] as const);
  const fromSender = x2 > x1 ? gaps : [...gaps].reverse();
  const slope = (y2 - y1) / (x2 - x1);
  const stretch = Math.hypot(1, slope);
  return fromSender.flatMap(([from, to], order) => {
    const room = (to - from - 2 * BESIDE_LANE) * stretch;
    return [messageText(arrow), printable(message.sort)].flatMap((wanted, shorter) => {
      const text = fit(wanted, room, font);
      if (text === '') return [];
      const spare = (room - widthOf(text, font)) / stretch / 2;
      const cut = text === wanted ? 0 : 2.5;
      return [0, -0.6, 0.6, -1, 1].flatMap((shift) => [-4, 12].map((off, side) => {
        const x = (from + to) / 2 + spare * shift;
        return along({ x, y: y1 + (x - x1) * slope, slope, off, text, font, cost: aside + order * 0.4 + shorter * 6 + cut + side * 0.5 + Math.abs(shift) * 0.3 });
      }));
    });
  });
}

/** Places beside the cross of a lost message, best where its line does not come from. */
export function lossCandidates({ x1, x2, y2 }: Arrow, full: string): readonly Candidate[] {
  const text = fit(full, 90, 10.5);
  const onward = x2 < x1 ? -8 : 8;
  return [4, 14, -6].flatMap((dy, i) => [onward, -onward].map((dx, side) => flat([x2, dx], y2 + dy, text, 10.5, i * 0.6 + side * 0.4)));
}

/** Places beside a node's lane at a time. */
export function sideCandidates({ lanes, time }: Scene, node: string, atNs: number, full: string, font: number): readonly Candidate[] {
  const lane = lanes.find(({ id, kind }) => id === node && kind === 'node');
  if (lane === undefined || full === '') return [];
  const y = time.y(atNs);
  return [9, -9].flatMap((dx, side) => {
    const room = roomBeside(lane, lanes, dx);
    const [first, second] = twoLines(full, room, font);
    const text = second === '' ? first : `${first}\n${second}`;
    const cut = text.endsWith('…') ? 1.5 : 0;
    return text === '' ? [] : [13, 4, -6, 24].map((dy, i) => flat([lane.x, dx], y + dy, text, font, i * 0.4 + side * 0.3 + cut));
  });
}

/** From a lane to the next on one side, less what stays free. */
function roomBeside({ x }: PlacedLane, lanes: readonly PlacedLane[], direction: number): number {
  const distances = lanes.map((other) => (other.x - x) * Math.sign(direction)).filter((distance) => distance > 0);
  return (distances.length === 0 ? SIZE.notes : Math.min(...distances)) - 2 * BESIDE_LANE;
}

/** A level text that begins right of a point, or ends left of it. */
function flat([at, dx]: readonly [number, number], y: number, text: string, font: number, cost: number): Candidate {
  const lines = text.split('\n');
  const width = Math.max(...lines.map((line) => widthOf(line, font)));
  const toRight = dx > 0;
  const x = at + dx;
  return { text, x, y, angle: 0, anchor: toRight ? 'start' : 'end', boxes: [{ x: toRight ? x : x - width, y: y - font + 1, width, height: font + 1 + (lines.length - 1) * SECOND_LINE }], cost };
}

interface Along {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
  /** From the line to the baseline, downwards. */
  readonly off: number;
  readonly text: string;
  readonly font: number;
  readonly cost: number;
}

/** A text along a line, its middle at a point of it. */
function along({ x, y, slope, off, text, font, cost }: Along): Candidate {
  const angle = Math.atan(slope);
  const half = widthOf(text, font) / 2;
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const [bx, by] = [x - dy * off, y + dx * off];
  // The middle of the letters stands above the baseline.
  const [mx, my] = [bx + dy * 4, by - dx * 4];
  return { text, x: bx, y: by, angle: (angle * 180) / Math.PI, anchor: 'middle', boxes: alongLine([mx - dx * half, my - dy * half], [mx + dx * half, my + dy * half], MESSAGE_FONT), cost };
}
