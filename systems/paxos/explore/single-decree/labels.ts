import type { SynodScope } from './scope.js';

/** The labels of all steps, made once. */
export interface Labels {
  /** By ballot. */
  readonly prepare: readonly string[];
  /** By acceptor, ballot, and bit of the report. */
  readonly promise: readonly (readonly (readonly string[])[])[];
  /** By ballot and value. */
  readonly propose: readonly (readonly string[])[];
  /** By acceptor, ballot and value. */
  readonly accept: readonly (readonly (readonly string[])[])[];
  /** By acceptor. */
  readonly forget: readonly string[];
}

/** The labels for a scope. */
export function labelsOf(scope: SynodScope): Labels {
  const { acceptors, ballots, values } = scope;
  const times = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i));
  return {
    prepare: times(ballots, (ballot) => `${proposerName(scope, ballot)} -> all acceptors: prepare ballot ${ballot} (1a)`),
    promise: times(acceptors, (acceptor) => times(ballots, (ballot) => times(1 + ballots * values, (report) => `${acceptorName(acceptor)} -> ${proposerName(scope, ballot)}: promise ballot ${ballot}, ${reportText(report, values)} (1b)`))),
    propose: times(ballots, (ballot) => times(values, (value) => `${proposerName(scope, ballot)} -> all acceptors: accept v${value} in ballot ${ballot} (2a)`)),
    accept: times(acceptors, (acceptor) => times(ballots, (ballot) => times(values, (value) => `${acceptorName(acceptor)} -> all: accepted v${value} in ballot ${ballot} (2b)`))),
    forget: times(acceptors, (acceptor) => `${acceptorName(acceptor)} crashes and starts again (${scope.mutant ?? 'nothing is lost'})`),
  };
}

/** `a1` and so on. */
export function acceptorName(acceptor: number): string {
  return `a${acceptor + 1}`;
}

function proposerName({ owned, values }: SynodScope, ballot: number): string {
  return owned ? `p${(ballot % values) + 1}` : 'proposer';
}

function reportText(report: number, values: number): string {
  return report === 0 ? 'nothing accepted' : `accepted v${(report - 1) % values} in ballot ${Math.floor((report - 1) / values)}`;
}
