import { explore, FaultlineError, type Exploration } from '../../../../src/index.js';
import { configProblem } from '../../core/index.js';
import { REPLICA_BUGS } from './bugs.js';
import { replicaModel } from './model.js';
import { configOf } from './scope.js';

/** `core`: the replica of the bundled service, as it runs there. */
export const replicaExploration: Exploration = {
  name: 'core',
  description: 'The replica core of the bundled service itself, step by step: elections, phase 1 and 2, crashes and starts from the disk. Messages may be lost, repeated and reordered; time stands still. Checked: agreement, promises and their durability, what is applied, what clients are told.',
  numbers: {
    nodes: { help: 'number of nodes', min: 1, max: 5, defaultText: '3, or what the bug needs' },
    proposers: { help: 'nodes that stand for election', min: 1, max: 5, defaultText: '2' },
    elections: { help: 'elections begun, by all together', min: 1, max: 6, defaultText: '2, or what the bug needs' },
    commands: { help: 'commands of clients', min: 0, max: 4, defaultText: '1, or what the bug needs' },
    retries: { help: 'how often clients ask again for each command, in a session', min: 0, max: 3, defaultText: '0, or what the bug needs' },
    crashes: { help: 'crashes, of all nodes together', min: 0, max: 4, defaultText: '0, or what the bug needs' },
    q1: { help: 'size of the quorums of phase 1', min: 1, max: 5, defaultText: 'a majority' },
    q2: { help: 'size of the quorums of phase 2', min: 1, max: 5, defaultText: 'a majority' },
  },
  switches: {
    once: 'every message arrives once at most',
    heartbeats: 'heartbeats of new leaders may arrive; else they are all lost',
    outcomesOnly: 'checks only what clients could notice, not how acceptors keep their promises',
  },
  bugs: REPLICA_BUGS,
  begin({ numbers, switches, bug }) {
    const needs = REPLICA_BUGS.find(({ name }) => name === bug)?.needs ?? {};
    const { nodes = 3, elections = 2, commands = 1, retries = 0, crashes = 0 } = { ...needs, ...numbers };
    const majority = Math.floor(nodes / 2) + 1;
    const { proposers = Math.min(2, nodes), q1 = majority, q2 = majority } = numbers;
    const scope = { nodes, proposers, elections, commands, retries, crashes, q1, q2, once: switches.has('once'), heartbeats: switches.has('heartbeats'), outcomesOnly: switches.has('outcomesOnly') };
    const whole = { ...scope, ...(bug === undefined ? {} : { bug }) };
    const problem = configProblem(configOf(whole, 1, 1));
    if (problem !== undefined) throw new FaultlineError('bad-option', problem, { kind: 'usage', hint: 'Give other --nodes, --q1 or --q2.' });
    const model = replicaModel(whole);
    return { scope, run: (limits, surroundings) => explore(model, limits, surroundings) };
  },
};
