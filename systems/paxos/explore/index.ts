export { synodExploration } from './single-decree/index.js';
export { replicaExploration } from './replica/index.js';
