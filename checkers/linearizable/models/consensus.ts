import { canonical } from '../../shared/canonical.js';
import type { Model } from '../model.js';
import { consensusQuick } from '../quick/consensus.js';

/** A consensus object (Herlihy 1991): the first proposal decides it, and every proposal is told what it is. The state is the text of the decision; undecided: empty. */
export const consensus: Model<string> = {
  name: 'consensus',
  description: 'An object that is decided once: by the first proposal, and all are told the decision.',
  operations: { propose: 'a value other than null -> the value that is decided' },
  init: (initial) => (initial === undefined || initial === null ? '' : canonical(initial)),
  complaint: ({ argument, result }) => (argument === null || argument === undefined ? 'propose needs a value other than null' : result === null ? 'propose is told a value, not null' : undefined),
  step: (decided, { argument, result }) => {
    const decision = decided === '' ? canonical(argument) : decided;
    return result === undefined || canonical(result) === decision ? decision : undefined;
  },
  key: (decided) => decided,
  quick: consensusQuick,
  show: (decided) => (decided === '' ? 'undecided' : decided),
};
