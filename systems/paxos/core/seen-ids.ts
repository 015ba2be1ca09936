/** Ids remembered in one generation. */
const GENERATION = 4096;
/** Sources remembered: the lives of other nodes. Of more the oldest is forgotten. */
const SOURCES = 256;

interface Source {
  recent: Set<number>;
  previous: Set<number>;
  /** Ids up to here are no longer remembered one by one, and count as seen. */
  floor: number;
}

/** Tells copies of numbered messages from first arrivals, in bounded memory: what is very late counts as seen. */
export class SeenIds {
  readonly #sources = new Map<string, Source>();

  /** Notes an id of a source whose ids grow; false if it was seen before, or is thousands behind the newest. */
  add(sourceName: string, id: number): boolean {
    let source = this.#sources.get(sourceName);
    if (source === undefined) {
      source = { recent: new Set(), previous: new Set(), floor: -1 };
      this.#sources.set(sourceName, source);
      const [oldest] = this.#sources.keys();
      if (this.#sources.size > SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    }
    if (id <= source.floor || source.recent.has(id) || source.previous.has(id)) return false;
    source.recent.add(id);
    if (source.recent.size >= GENERATION) {
      for (const old of source.previous) source.floor = Math.max(source.floor, old);
      source.previous = source.recent;
      source.recent = new Set();
    }
    return true;
  }
}
