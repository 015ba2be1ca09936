import type { Op } from '../../history/op.js';
import { NS_PER_S } from '../../time/clock.js';
import { spansOf } from '../spans.js';
import { showCount } from '../text.js';
import { completedOps, OUTCOME_WORDS, OUTCOMES, type Completed, type Outcome } from './completed.js';
import { drawGrid, drawLegend, frame, SIZE, svgText } from './frame.js';

/** A run is cut into windows of such a length, nanoseconds: the first that gives no more than 160. */
const WINDOWS_NS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600].map((seconds) => seconds * NS_PER_S);
const MOST_WINDOWS = 160;

/** Operations completed a second over time, by outcome. SVG text. */
export function throughputChart(ops: readonly Op[]): string {
  const completed = completedOps(ops);
  const chart = frame({ title: 'Throughput', description: 'Operations completed a second over time, by outcome.' }, spansOf(ops));
  const windowNs = WINDOWS_NS.find((length) => chart.end / length <= MOST_WINDOWS) ?? chart.end / MOST_WINDOWS;
  const rates = OUTCOMES.map((outcome) => ({ outcome, perSecond: ratesOf(completed, outcome, windowNs, chart.end) }));
  const top = rates.reduce((most, { perSecond }) => perSecond.reduce((rate, one) => Math.max(rate, one), most), 1);
  const y = chart.node.d3.scaleLinear().domain([0, top * 1.05]).nice().range([SIZE.height - SIZE.bottom, SIZE.top]);
  drawGrid(chart.svg, y.ticks(6).map((rate) => ({ y: y(rate), label: `${rate < 10 ? rate : showCount(rate)}/s` })));
  const line = chart.node.d3.line().curve(chart.node.d3.curveStepAfter);
  for (const { outcome, perSecond } of rates) {
    if (outcome !== 'ok' && perSecond.every((rate) => rate === 0)) continue;
    const points = [...perSecond, perSecond.at(-1) ?? 0].map((rate, i) => [Math.round(chart.x(Math.min(i * windowNs, chart.end)) * 10) / 10, Math.round(y(rate) * 10) / 10] as const);
    chart.svg.append('path').attr('class', `line ${outcome}`).attr('d', line(points) ?? '');
  }
  drawLegend(chart.svg, OUTCOMES.map((outcome) => ({ label: OUTCOME_WORDS[outcome], sample: (x, top) => void chart.svg.append('path').attr('class', `line ${outcome}`).attr('d', `M${x} ${top + 5}h18`) })));
  return svgText(chart);
}

/** The last window may be short: its rate is of the time that it has, if that is enough to tell. */
function ratesOf(completed: readonly Completed[], outcome: Outcome, windowNs: number, end: number): readonly number[] {
  const counts = Array.from({ length: Math.max(1, Math.ceil(end / windowNs)) }, () => 0);
  for (const { outcome: own, ended } of completed) {
    if (own !== outcome) continue;
    const at = Math.min(counts.length - 1, Math.floor(ended / windowNs));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((count, i) => (count * NS_PER_S) / Math.max(windowNs / 2, Math.min(windowNs, end - i * windowNs)));
}
