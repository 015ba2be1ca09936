import type { StoredResults } from '../../store/schema.js';
import { NODE_STATES, stateUnder, type Spans } from '../spans.js';
import { showValue } from '../text.js';
import { operationsAt, outcomeOf, OUTCOME_NAMES, resultOf, type Operations } from './operations.js';

/** Longest text of a value in the timeline's data, characters. */
const VALUE_CHARS = 120;

/** A row above the clients: states that follow each other. Times in microseconds; `kind` chooses the look. */
export interface Track {
  readonly label: string;
  readonly group: 'phase' | 'leader' | 'fault' | 'node';
  readonly spans: readonly (readonly [from: number, to: number, label: string, kind: string])[];
}

/** What the page's script draws. Operations are stored by column; texts are numbers into `strings`, -1: none. Times in microseconds. */
export interface PageData {
  readonly end: number;
  readonly laneCount: number;
  readonly strings: readonly string[];
  readonly outcomes: readonly string[];
  readonly invoke: readonly number[];
  /** Index of the completion; -1: none. */
  readonly completion: readonly number[];
  readonly start: readonly number[];
  readonly stop: readonly number[];
  readonly lane: readonly number[];
  readonly process: readonly string[];
  readonly f: readonly number[];
  readonly outcome: readonly number[];
  readonly key: readonly number[];
  readonly node: readonly number[];
  readonly argument: readonly number[];
  readonly result: readonly number[];
  readonly tracks: readonly Track[];
  /** Operations of each anomaly, by position, in the order of the page. */
  readonly anomalies: readonly (readonly number[])[];
}

/** Gathers what the page's script draws. */
export function pageData(operations: Operations, spans: Spans, results: StoredResults): PageData {
  const strings = new Strings();
  const { list } = operations;
  return {
    end: micros(spans.end),
    laneCount: operations.laneCount,
    outcomes: OUTCOME_NAMES,
    invoke: list.map(({ invoke }) => invoke.index),
    completion: list.map(({ completion }) => completion?.index ?? -1),
    start: list.map(({ invoke }) => micros(invoke.time)),
    stop: list.map(({ completion }) => micros(completion?.time ?? spans.end)),
    lane: operations.lanes,
    process: list.map(({ invoke }) => String(invoke.process)),
    f: list.map(({ invoke }) => strings.id(invoke.f)),
    outcome: list.map((operation) => OUTCOME_NAMES.indexOf(outcomeOf(operation))),
    key: list.map(({ invoke }) => strings.id(invoke.key === undefined ? '' : String(invoke.key))),
    node: list.map(({ invoke }) => strings.id(invoke.node ?? '')),
    argument: list.map(({ invoke }) => strings.id(invoke.value === null ? '' : showValue(invoke.value, VALUE_CHARS))),
    result: list.map((operation) => strings.id(resultOf(operation, VALUE_CHARS))),
    tracks: tracksOf(spans, results.nodes.map(({ name }) => name)),
    anomalies: results.checkers.flatMap(({ anomalies }) => anomalies.map((anomaly) => operationsAt(operations, anomaly))),
    strings: strings.list,
  };
}

/** Every text once. */
class Strings {
  readonly list: string[] = [];
  readonly #ids = new Map<string, number>();

  /** The number of a text; -1 of the empty one. */
  id(text: string): number {
    if (text === '') return -1;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}

function tracksOf(spans: Spans, nodes: readonly string[]): readonly Track[] {
  const nemeses = [...new Set(spans.faults.map(({ nemesis }) => nemesis))].sort();
  const tracks: Track[] = [
    { label: 'phase', group: 'phase', spans: spans.phases.map(({ from, to, label }) => [micros(from), micros(to), label, 'phase']) },
    { label: 'leader', group: 'leader', spans: spans.leaders.map(({ from, to, label }) => [micros(from), micros(to), label, 'leader']) },
    ...nemeses.map((name): Track => ({
      label: name,
      group: 'fault',
      spans: spans.faults.filter(({ nemesis }) => nemesis === name).map(({ from, to, label, ended }) => [micros(from), micros(to), ended ? label : `${label}, never ended`, 'fault']),
    })),
    ...nodes.map((name): Track => ({ label: name, group: 'node', spans: nodeSpans(spans, name, nodes) })),
  ];
  return tracks.filter(({ group, spans: own }) => group === 'node' || own.length > 0);
}

/** Milder states first: the worse are drawn over them. */
function nodeSpans({ faults }: Spans, node: string, nodes: readonly string[]): Track['spans'] {
  const found = faults.flatMap((fault) => {
    const state = stateUnder(fault, node, nodes);
    return state === undefined ? [] : [{ state, fault }];
  });
  const severity = (state: (typeof NODE_STATES)[number]): number => NODE_STATES.indexOf(state);
  return found
    .sort((a, b) => severity(b.state) - severity(a.state))
    .map(({ state, fault: { from, to, label } }) => [micros(from), micros(to), `${state} (${label})`, state]);
}

function micros(ns: number): number {
  return Math.round(ns / 1000);
}
