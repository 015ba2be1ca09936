import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { flag, integer, list, text, type OptionSpec } from '../config/option-spec.js';
import { CAPABILITIES, type Capability } from '../control/capability.js';
import type { HostReport } from '../control/host-report.js';
import { EXIT, FaultlineError, messageOf } from '../errors.js';
import { clusters, nemeses, systems } from '../registry.js';
import type { System } from '../runner/system.js';
import type { CliContext } from './context.js';
import { obstacles } from './obstacles.js';
import { commandWith } from './options.js';
import { lookUp } from '../judge/suggest.js';
import { columns } from './text.js';

const OPTIONS = {
  cluster: { flag: '--cluster <names>', help: 'which clusters to ask about, with commas', defaultText: 'all', parse: list } satisfies OptionSpec<readonly string[]>,
  nodes: { flag: '--nodes <n>', help: 'how many nodes a run is to have', defaultText: '5', parse: integer(1, 99) } satisfies OptionSpec<number>,
  system: { flag: '--system <name>', help: 'the system whose faults are asked about', defaultText: 'paxos', parse: text } satisfies OptionSpec<string>,
  json: { flag: '--json', help: 'one JSON object a cluster on standard output', parse: flag } satisfies OptionSpec<boolean>,
} as const;

/** `faultline doctor`: what this host (or the engine it talks to) can do, and what would help where it cannot. Exit code 0 if every cluster asked about can be used. */
export function doctorCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('doctor', 'says what this host can do: clusters, faults, and what is missing', OPTIONS).action(async (flags: Record<string, unknown>) => {
    const options = parseFlags(OPTIONS, flags);
    const system = lookUp('system', options.system ?? 'paxos', systems);
    const names = options.cluster === undefined || options.cluster.join() === 'all' ? Object.keys(clusters) : options.cluster;
    let usable = true;
    for (const name of names) {
      const provider = lookUp('cluster', name, clusters);
      const report = await provider.examine({ nodeCount: options.nodes ?? 5, signal: context.signal }).catch((error: unknown) => unusable(name, error));
      usable &&= report.facts.every(({ ok }) => ok);
      context.out(options.json === true ? `${JSON.stringify(plain(report, system))}\n` : `${reportText(report, system)}\n`);
    }
    done(usable ? EXIT.valid : EXIT.crash);
  });
}

/** A report of a cluster that cannot even be asked. */
function unusable(provider: string, error: unknown): HostReport {
  const remedy = error instanceof FaultlineError ? error.hint : undefined;
  return { provider, facts: [{ what: provider === 'docker' ? 'engine' : 'host', ok: false, detail: messageOf(error), ...(remedy === undefined ? {} : { remedy }) }], capabilities: new Map() };
}

function reportText(report: HostReport, system: System): string {
  const facts = report.facts.map(({ what, ok, detail, remedy }) => [mark(ok), what, `${detail}${remedy === undefined ? '' : ` (${remedy})`}`]);
  const capabilities = [...report.capabilities].map(([capability, support]) => [mark(support.ok), CAPABILITIES[capability], support.ok ? support.by : `${support.why}${support.remedy === undefined ? '' : ` (${support.remedy})`}`]);
  const faults = report.capabilities.size === 0 ? [] : Object.values(nemeses).map((nemesis) => {
    const found = obstacles(nemesis, report, system);
    return [mark(found.length === 0), `nemesis ${nemesis.name}`, found.length === 0 ? nemesis.description : `cannot ${found.map(({ capability }) => CAPABILITIES[capability]).join(', ')}`];
  });
  return [`Cluster ${report.provider}`, ...columns([...facts, ...capabilities, ...faults]).map((line) => `  ${line}`), ''].join('\n');
}

function mark(ok: boolean): string {
  return ok ? 'yes' : 'no';
}

/** The report as JSON, every capability and every nemesis with its answer. */
function plain(report: HostReport, system: System): unknown {
  const capabilities = Object.fromEntries([...report.capabilities].map(([name, support]: readonly [Capability, unknown]) => [name, support]));
  const able = Object.fromEntries(Object.values(nemeses).map((nemesis) => [nemesis.name, obstacles(nemesis, report, system)]));
  return { provider: report.provider, facts: report.facts, capabilities, obstacles: able };
}
