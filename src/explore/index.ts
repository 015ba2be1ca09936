export { explore, exploreToEnd, type ExploreLimits, type ExploreProgress, type ExploreResult, type Surroundings } from './explore.js';
export type { Counterexample, ExploreStep } from './counterexample.js';
export type { Fingerprint } from './fingerprint.js';
export type { Emit, Model } from './model.js';
export type { Exploration, ExplorationRun, ExploreSettings, ScopeNumber } from './exploration.js';
