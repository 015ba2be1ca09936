/** One clause of single-decree Paxos dropped each; `ballots`: so many are needed until that shows. */
export const SYNOD_MUTANTS = [
  { name: 'own-value', ballots: 2, meaning: 'A proposer proposes its own value whatever the promises report.' },
  { name: 'any-value', ballots: 3, meaning: 'A proposer takes the value of any promise that reports one, not that of the highest ballot.' },
  { name: 'lowest-ballot', ballots: 3, meaning: 'A proposer takes the value that was accepted in the lowest ballot.' },
  { name: 'two-values-per-ballot', ballots: 2, meaning: 'A proposer does not remember that it has proposed in its ballot, and proposes again on other promises.' },
  { name: 'promise-lower', ballots: 2, meaning: 'An acceptor promises ballots lower than what it has promised.' },
  { name: 'accept-below-promise', ballots: 2, meaning: 'An acceptor accepts in ballots lower than what it has promised.' },
  { name: 'accept-no-promise-bump', ballots: 3, meaning: 'An acceptor that accepts does not count that as a promise.' },
  { name: 'forget-promise', ballots: 2, meaning: 'An acceptor may lose its promise: it was not on the disk when it crashed.' },
  { name: 'forget-accepted', ballots: 2, meaning: 'An acceptor may lose what it has accepted.' },
  { name: 'forget-all', ballots: 2, meaning: 'An acceptor may lose everything, and goes on under the same name.' },
  { name: 'recover-from-all-others', ballots: 2, meaning: 'An acceptor may lose everything, and takes over the highest promise and accepted value of all others before it goes on.' },
] as const;

/** Name of a mutant of the single-decree model. */
export type SynodMutant = (typeof SYNOD_MUTANTS)[number]['name'];
