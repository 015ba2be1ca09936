/** What is read of a file, and all that was read of it since what is durable was: the durable first. */
interface ReferenceFile {
  versions: readonly Buffer[];
}

type Names = ReadonlyMap<string, ReferenceFile>;

/** A disk as simple as can be: it knows what a power cut may leave by keeping all that was. */
export class ReferenceDisk {
  /** What the folder held, since what is durable. */
  #states: readonly Names[] = [new Map()];

  get names(): Names {
    return this.#states.at(-1) as Names;
  }

  content(name: string): Buffer | undefined {
    return this.names.get(name)?.versions.at(-1);
  }

  make(name: string): void {
    if (!this.names.has(name)) this.#change([...this.names, [name, { versions: [Buffer.alloc(0)] }]]);
  }

  set(name: string, content: Buffer): void {
    const file = this.names.get(name);
    if (file !== undefined) file.versions = [...file.versions, content];
  }

  /** A sync of a file begins; call the answer when it is done. */
  beginSync(name: string): () => void {
    const file = this.names.get(name);
    const begun = file?.versions.at(-1) as Buffer;
    return () => {
      // It may be that a later one is done already.
      if (file !== undefined) file.versions = file.versions.slice(Math.max(0, file.versions.indexOf(begun)));
    };
  }

  rename(from: string, to: string): void {
    const file = this.names.get(from);
    if (file !== undefined && from !== to) this.#change([...[...this.names].filter(([name]) => name !== from && name !== to), [to, file]]);
  }

  remove(name: string): void {
    if (this.names.has(name)) this.#change([...this.names].filter(([other]) => other !== name));
  }

  /** The same for the folder. */
  beginFolderSync(): () => void {
    const begun = this.names;
    return () => void (this.#states = this.#states.slice(Math.max(0, this.#states.indexOf(begun))));
  }

  /** Why a power cut cannot have left this; undefined: it can. From then on it is what there is. */
  afterCut(left: ReadonlyMap<string, Buffer>): string | undefined {
    const problems = this.#states.map((names) => problemOf(names, left));
    const fits = problems.indexOf(undefined);
    if (fits < 0) return problems.at(-1);
    this.#states = [new Map([...left].map(([name, content]) => [name, { versions: [content] }]))];
    return undefined;
  }

  #change(names: readonly (readonly [string, ReferenceFile])[]): void {
    this.#states = [...this.#states, new Map(names)];
  }
}

function problemOf(names: Names, left: ReadonlyMap<string, Buffer>): string | undefined {
  const [expected, found] = [[...names.keys()].sort().join(), [...left.keys()].sort().join()];
  if (expected !== found) return `the names are ${found}, not ${expected}`;
  for (const [name, { versions }] of names) {
    const problem = contentProblem(versions, left.get(name) as Buffer);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

/** The durable bytes, each as it was at some time since; behind them a beginning of what was added, or zeros. */
function contentProblem(versions: readonly Buffer[], left: Buffer): string | undefined {
  const lengths = versions.map((version) => version.length);
  if (left.length < Math.min(...lengths) || left.length > Math.max(...lengths)) return `${left.length} bytes long, which it never was since it was ${lengths[0]}`;
  const durable = versions[0] as Buffer;
  const strange = [...left].findIndex((byte, i) => !versions.some((version) => version[i] === byte) && !(byte === 0 && i >= Math.min(...lengths)));
  if (strange >= 0) return `byte ${strange} never was ${left[strange]}`;
  const last = versions.at(-1) as Buffer;
  const grows = versions.every((version, i) => i === 0 || version.subarray(0, versions[i - 1]?.length).equals(versions[i - 1] as Buffer));
  if (!grows) return undefined;
  if (!left.subarray(0, durable.length).equals(durable)) return 'it was only added to, and what was durable is not there';
  const added = [...left].findIndex((byte, i) => byte !== last[i]);
  return added >= 0 && left.subarray(added).some((byte) => byte !== 0) ? `there is more than zeros behind byte ${added}, where it is torn` : undefined;
}
