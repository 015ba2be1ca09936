import { posix } from 'node:path';

/**
 * Who may import whom (docs/architecture.md). A row gives a layer by the prefix of its files, and the prefixes that it may import;
 * its own prefix always. The first row that fits a file counts. npm packages and Node's modules are free, except where `pure` says none.
 */
export interface ImportRule {
  readonly from: string;
  readonly to: readonly string[];
  /** No npm packages, and of Node's modules only these. */
  readonly pure?: readonly string[];
}

const PURE_DATA = ['src/history/', 'src/random/', 'src/time/', 'src/errors.ts'];
const ENGINE = [...PURE_DATA, 'src/generator/', 'src/runner/', 'src/control/', 'src/store/'];

export const IMPORT_RULES: readonly ImportRule[] = [
  { from: 'systems/paxos/core/', to: [], pure: [] },
  { from: 'systems/synod/core/', to: ['systems/paxos/core/'], pure: [] },
  { from: 'systems/paxos/explore/', to: ['systems/paxos/core/', 'src/index.ts'], pure: [] },
  { from: 'src/errors.ts', to: [], pure: [] },
  { from: 'src/history/', to: ['src/random/', 'src/time/', 'src/errors.ts'] },
  { from: 'src/random/', to: ['src/errors.ts'] },
  { from: 'src/time/', to: ['src/errors.ts'] },
  { from: 'src/generator/', to: ['src/history/', 'src/random/', 'src/errors.ts'] },
  { from: 'src/explore/', to: ['src/errors.ts'], pure: [] },
  { from: 'src/runner/', to: ENGINE },
  { from: 'src/control/', to: ENGINE },
  { from: 'src/store/', to: ENGINE },
  { from: 'src/report/', to: ['src/history/', 'src/store/', 'src/errors.ts', 'src/time/'] },
  { from: 'src/config/', to: ['src/errors.ts', 'src/store/', 'src/random/', 'src/time/'] },
  { from: 'src/index.ts', to: ['src/'] },
  { from: 'src/registry.ts', to: ['src/index.ts', 'clusters/', 'systems/', 'nemeses/', 'workloads/', 'checkers/'] },
  { from: 'src/judge/', to: ['src/', 'checkers/'] },
  { from: 'src/search/', to: ['src/'] },
  { from: 'src/cli/', to: ['src/', 'clusters/', 'systems/', 'nemeses/', 'workloads/', 'checkers/'] },
  { from: 'clusters/', to: ['src/index.ts'] },
  { from: 'systems/', to: ['src/index.ts'] },
  { from: 'nemeses/', to: ['src/index.ts'] },
  { from: 'workloads/', to: ['src/index.ts'] },
  { from: 'checkers/', to: ['src/index.ts'] },
  { from: 'bench/', to: ['src/', 'systems/', 'checkers/', 'workloads/', 'clusters/', 'nemeses/'] },
];

/** The modules that a source text imports, static, dynamic and type imports alike. */
export function importsOf(source: string): readonly string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;
  return [...source.matchAll(pattern)].map((match) => match[2] ?? '');
}

/** Every import of a file that the rules forbid, as a sentence. Tests may import what they test and test libraries. */
export function violations(file: string, source: string, rules: readonly ImportRule[] = IMPORT_RULES): readonly string[] {
  const rule = rules.find((row) => file.startsWith(row.from));
  if (rule === undefined) return [`${file}: no import rule covers this file`];
  return importsOf(source).flatMap((name) => {
    if (!name.startsWith('.')) {
      return rule.pure === undefined || rule.pure.includes(name) ? [] : [`${file}: imports ${name}, but ${rule.from} is pure`];
    }
    const target = posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts');
    if (target.startsWith('src/cli/') && !file.startsWith('src/cli/')) return [`${file}: imports ${target}; nothing may import the command line`];
    return isAllowed(file, target, rule) ? [] : [`${file}: imports ${target}; ${rule.from} may import ${rule.to.join(', ') || 'nothing'}`];
  });
}

function isAllowed(file: string, target: string, rule: ImportRule): boolean {
  const plugin = /^(clusters|systems|nemeses|workloads|checkers)\/([^/]+)\//.exec(file);
  // A plug-in's own folder is its subfolder; what lies beside the subfolders is shared by the built-ins of that kind.
  const own = plugin === null ? rule.from : `${plugin[1]}/`;
  return target.startsWith(own) || rule.to.some((prefix) => target.startsWith(prefix));
}
