import { printable } from '../text.js';
import { arrowCandidates, lossCandidates, messageText, sideCandidates, type Candidate } from './candidates.js';
import { alongLine, Occupied, type Box } from './occupied.js';
import type { Arrow, Scene } from './scene.js';
import { SIZE } from './scene.js';
import type { Life } from './lives.js';

/** A text of the diagram that was given a place. */
export interface Label {
  readonly kind: 'message' | 'loss' | 'news' | 'note';
  /** The arrows that it belongs to, by id; none for what happens at a node. */
  readonly arrows: readonly string[];
  /** One line, or two with a line feed between. */
  readonly text: string;
  /** What the text is short for. */
  readonly full: string;
  /** Baseline, pixels; the middle of a message's label, the near end of the others. */
  readonly x: number;
  readonly y: number;
  /** Degrees. */
  readonly angle: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Of a message that can have carried an operation at fault. */
  readonly carries: boolean;
}

/** A moment at a node that has something to tell: a point at the lane, with or without its label. */
export interface Point {
  readonly node: string;
  readonly atNs: number;
  readonly full: string;
}

/** The labels of a scene. */
export interface Labels {
  readonly labels: readonly Label[];
  readonly points: readonly Point[];
  /** Texts for which there was no place: they can only be pointed at, or read in the list. */
  readonly unplaced: number;
}

/**
 * Finds a place for every text where it lies over no other text and over as few arrows as can be: first what changes at nodes, then messages that can
 * have carried an operation at fault, then other messages, last the notes. What was sent to several at once has one label for each direction.
 */
export function labelsOf(scene: Scene): Labels {
  const taken: Taken = { texts: new Occupied(), lines: new Occupied(), thick: new Set(scene.arrows.filter((arrow) => arrow.carries).map(({ id }) => id)) };
  for (const { x, y1, y2 } of scene.boxes) taken.texts.add({ x: x - SIZE.client, y: y1 - 4, width: SIZE.client + 4, height: y2 - y1 + 8 }, 'operation');
  for (const { id, x1, y1, x2, y2 } of scene.arrows) for (const box of alongLine([x1, y1], [x2, y2], 3)) taken.lines.add(box, id);
  const labels: Label[] = [];
  let unplaced = 0;
  const place = (wanted: Pick<Label, 'kind' | 'arrows' | 'full' | 'carries'>, candidates: readonly Candidate[]): void => {
    const best = cheapest(candidates, taken, new Set(wanted.arrows));
    if (best === undefined) {
      if (wanted.kind !== 'loss') unplaced++;
      return;
    }
    for (const box of best.boxes) taken.texts.add(box, 'label');
    const { text, x, y, angle, anchor } = best;
    labels.push({ ...wanted, text, x, y, angle, anchor });
  };
  const news = scene.story.lives.filter((life) => life.news !== '');
  for (const life of news) place({ kind: 'news', arrows: [], full: newsText(life), carries: false }, sideCandidates(scene, life.node, life.fromNs, newsText(life), 11.5));
  for (const arrow of scene.arrows) if (arrow.fate === 'lost') place({ kind: 'loss', arrows: [arrow.id], full: lossText(arrow), carries: arrow.carries }, lossCandidates(arrow, lossText(arrow)));
  const groups = groupsOf(scene.arrows);
  for (const group of [...groups.filter(carries), ...groups.filter((one) => !carries(one))]) {
    const full = group[0] === undefined ? '' : messageText(group[0]);
    place({ kind: 'message', arrows: group.map(({ id }) => id), full, carries: carries(group) }, group.flatMap((arrow) => arrowCandidates(arrow, scene.lanes, carries(group))));
  }
  const points = pointsOf(scene);
  for (const { node, atNs, full } of points) place({ kind: 'note', arrows: [], full, carries: false }, sideCandidates(scene, node, atNs, full, 10.5));
  return { labels, points, unplaced };
}

/** Why a message never arrived. */
export function lossText({ message }: Pick<Arrow, 'message'>): string {
  return printable(message.lost ?? 'never arrived');
}

function newsText({ news }: Life): string {
  return printable(news);
}

function carries(group: readonly Arrow[]): boolean {
  return group.some((arrow) => arrow.carries);
}

/** Arrows that say the same from the same lane at the same time in the same direction: a broadcast. */
function groupsOf(arrows: readonly Arrow[]): readonly (readonly Arrow[])[] {
  const groups = new Map<string, Arrow[]>();
  for (const arrow of arrows) {
    const { from, sentNs, sort, detail } = arrow.message;
    const key = JSON.stringify([from, sentNs, sort, detail, arrow.x2 > arrow.x1]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [arrow]);
    else group.push(arrow);
  }
  return [...groups.values()];
}

/** The notes of one moment at one node are one point. */
function pointsOf({ story }: Scene): readonly Point[] {
  const points = new Map<string, Point>();
  for (const { node, atNs, text } of story.notes) {
    const key = JSON.stringify([node, atNs]);
    const before = points.get(key);
    points.set(key, { node, atNs, full: before === undefined ? printable(text) : `${before.full}; ${printable(text)}` });
  }
  return [...points.values()];
}

interface Taken {
  readonly texts: Occupied;
  /** Arrows by id, and which of them are worse to lie over. */
  readonly lines: Occupied;
  readonly thick: ReadonlySet<string>;
}

function cheapest(candidates: readonly Candidate[], taken: Taken, own: ReadonlySet<string>): Candidate | undefined {
  let best: { readonly candidate: Candidate; readonly cost: number } | undefined;
  for (const candidate of candidates) {
    if (best !== undefined && candidate.cost >= best.cost) continue;
    const boxes: readonly Box[] = candidate.boxes;
    if (taken.texts.owners(boxes).size > 0) continue;
    const crossed = [...taken.lines.owners(boxes)].filter((id) => !own.has(id));
    const cost = candidate.cost + crossed.reduce((sum, id) => sum + (taken.thick.has(id) ? 2.5 : 1), 0);
    if (best === undefined || cost < best.cost) best = { candidate, cost };
  }
  return best?.candidate;
}
