export { SimDisk, type SimDiskOptions } from './sim-disk.js';
export type { DiskHost } from './life.js';
export { DISK_MODEL, type DiskModel, type Span } from './model.js';
