/** What an engine says of itself, as far as runs depend on it. */
export interface EngineFacts {
  /** Of the engine: `20.10.24`. */
  readonly version: string;
  /** The newest API it speaks: `1.41`. */
  readonly apiVersion: string;
  /** `linux` or `windows`. */
  readonly os: string;
  /** As Docker calls it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly system: string;
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `1` or `2`; `?` if it does not say. */
  readonly cgroupVersion: string;
  /** `seccomp`, `apparmor`, `rootless`, `userns` ... */
  readonly security: readonly string[];
}

/** Reads the answers of GET /version and GET /info. What is missing is shown as `?` or 0, never an error. */
export function factsOf(version: Readonly<Record<string, unknown>>, info: Readonly<Record<string, unknown>>): EngineFacts {
  const security = Array.isArray(info['SecurityOptions']) ? info['SecurityOptions'] : [];
  return {
    version: text(version['Version']),
    apiVersion: text(version['ApiVersion']),
    os: text(version['Os']),
    architecture: text(version['Arch']),
    system: text(info['OperatingSystem']),
    kernel: text(version['KernelVersion']),
    cpus: number(info['NCPU']),
    memoryBytes: number(info['MemTotal']),
    cgroupVersion: text(info['CgroupVersion']),
    security: security.filter((option) => typeof option === 'string').map((option) => /name=([^,]+)/.exec(option)?.[1] ?? option),
  };
}

/** The facts as rows of a table: name and value. */
export function factRows(facts: EngineFacts): readonly (readonly [string, string])[] {
  return [
    ['engine', `${facts.version} (API ${facts.apiVersion})`],
    ['system', `${facts.system}, ${facts.os}/${facts.architecture}, kernel ${facts.kernel}`],
    ['cpus', String(facts.cpus)],
    ['memory', `${(facts.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['cgroup', `version ${facts.cgroupVersion}`],
    ['security', facts.security.length === 0 ? 'none' : facts.security.join(', ')],
  ];
}

function text(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : '?';
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
