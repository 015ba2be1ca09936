export { ensureImage } from './ensure.js';
export { listImages, removeImages, type OwnImage } from './inventory.js';
export type { ImageMode, ImageRequest, ReadyImage } from './request.js';
