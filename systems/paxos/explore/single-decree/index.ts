import { explore, type Exploration } from '../../../../src/index.js';
import { SYNOD_MUTANTS, type SynodMutant } from './mutants.js';
import { synodModel } from './model.js';
import type { SynodScope } from './scope.js';

/** `single-decree`: Lamport's specification of Paxos. */
export const synodExploration: Exploration = {
  name: 'single-decree',
  description: 'Paxos for one value as Lamport specifies it (Paxos.tla), with messages that may be lost, repeated and reordered. Checked: at most one value is chosen.',
  numbers: {
    acceptors: { help: 'number of acceptors', min: 1, max: 8, defaultText: '3' },
    values: { help: 'number of values', min: 1, max: 15, defaultText: '2' },
    ballots: { help: 'number of ballots', min: 1, max: 8, defaultText: '2, or what the bug needs' },
    q1: { help: 'size of the quorums of phase 1', min: 1, max: 8, defaultText: 'a majority' },
    q2: { help: 'size of the quorums of phase 2', min: 1, max: 8, defaultText: 'a majority' },
  },
  switches: {
    ownValues: 'there are as many proposers as values; ballot b belongs to proposer b mod n, which has one value',
    symmetry: 'states that differ only by the names of acceptors and values count as one',
  },
  bugs: SYNOD_MUTANTS,
  begin({ numbers, switches, bug }) {
    const { acceptors = 3, values = 2 } = numbers;
    const majority = Math.floor(acceptors / 2) + 1;
    const mutant = SYNOD_MUTANTS.find(({ name }) => name === bug);
    const { ballots = mutant?.ballots ?? 2, q1 = majority, q2 = majority } = numbers;
    const scope = { acceptors, values, ballots, q1, q2, owned: switches.has('ownValues'), ...mutantOf(mutant?.name) };
    const symmetry = switches.has('symmetry');
    const model = synodModel(scope, symmetry);
    return {
      scope: { acceptors, values, ballots, q1, q2, ownValues: scope.owned, symmetry },
      run: (limits, surroundings) => explore(model, limits, surroundings),
    };
  },
};

function mutantOf(mutant: SynodMutant | undefined): Pick<SynodScope, 'mutant'> {
  return mutant === undefined ? {} : { mutant };
}
