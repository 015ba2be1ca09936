export { synodExploration } from './single-decree/index.js';
