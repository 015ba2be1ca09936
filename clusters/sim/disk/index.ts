import { dirname } from 'node:path/posix';
import type { Disk, FileSystem, OpenFile, Random } from '../../../src/index.js';
import type { DiskHost } from '../process.js';
export class SimDisk {
  files = new Map<string, Buffer[]>();
  constructor(readonly o: { model: { writeMs: readonly [number, number]; syncMs: readonly [number, number] }; random: Random }) {}
  get outside(): Disk { return { list: async () => [], } as unknown as Disk; }
  #read(p: string): Buffer { const c = this.files.get(p); if (!c) throw Object.assign(new Error('ENOENT ' + p), { code: 'ENOENT' }); if (c.length > 1) { const b = Buffer.concat(c); c.length = 0; c.push(b); } return c[0] ?? Buffer.alloc(0); }
  mount(host: DiskHost): FileSystem {
    const later = (ms: readonly [number, number]) => new Promise<void>((r) => host.after(ms[0] + this.o.random.float() * (ms[1] - ms[0]), () => host.deliver(r)));
    const { writeMs, syncMs } = this.o.model;
    const fs: FileSystem = {
      exists: (p) => this.files.has(p), list: (f) => [...this.files.keys()].filter((k) => dirname(k) === f).map((k) => k.slice(f.length + 1)).sort(),
      size: (p) => this.#read(p).length, read: (p) => this.#read(p), makeFolder: () => undefined,
      open: (p, mode) => {
        if (mode === 'w') this.files.set(p, []); else if (!this.files.has(p)) this.files.set(p, []);
        const f = this.files.get(p) as Buffer[];
        const file: OpenFile = {
          write: (b, at) => { if (at === undefined || mode[0] === 'a') f.push(b); else { const old = this.files.get(p) ? this.#read(p) : Buffer.alloc(0); const n = Buffer.alloc(Math.max(old.length, at + b.length)); old.copy(n); b.copy(n, at); f.length = 0; f.push(n); } },
          writeLater: (b, from) => { f.push(b.subarray(from)); return later(writeMs).then(() => b.length - from); },
          truncate: (n) => { const b = this.#read(p).subarray(0, n); f.length = 0; f.push(Buffer.from(b)); },
          sync: () => undefined, syncLater: () => later(syncMs), close: () => undefined,
        };
        return file;
      },
      rename: (a, b) => { const f = this.files.get(a); if (f) { this.files.delete(a); this.files.set(b, f); } }, renameLater: async (a, b) => { fs.rename(a, b); return later(writeMs); },
      remove: (p) => void this.files.delete(p), removeLater: async (p) => { this.files.delete(p); return later(writeMs); },
      syncFolder: () => undefined, syncFolderLater: () => later(syncMs),
    };
    return fs;
  }
  unmount(): void {}
  wipe(): void { this.files.clear(); }
  powerCut(_r: Random): string { return 'lost nothing'; }
}
