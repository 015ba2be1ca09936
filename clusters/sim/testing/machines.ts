import { Random, type Machine, type Simulation, type UnexpectedExit } from '../../../src/index.js';
import { SimClock } from '../clock.js';
import { DISK_MODEL, SimDisk } from '../disk/index.js';
import { DATA_DIR, SimNode, type SimNodeSpec } from '../node.js';

/** A program for tests: what it does when it is started with these arguments. Its exit code, if it ends at once. */
export type Program = (machine: Machine, argv: readonly string[]) => number | undefined | void;

/** What runs a program on simulated machines. */
export function programs(program: Program): Simulation {
  return { run: (_, argv, machine) => program(machine, argv) ?? undefined, clockErrorRate: () => 0, describe: () => ({ sort: 'test' }), sortOf: () => 'test' };
}

/** A node, what its program sends, and what is told of it. */
export interface Bench {
  readonly clock: SimClock;
  readonly node: SimNode;
  readonly told: string[];
  readonly sent: { readonly to: string; readonly message: unknown }[];
  readonly exits: UnexpectedExit[];
}

/** A node that runs a program, which begins 10 ms after its start. */
export function benchOf(program: Program, spec: Partial<SimNodeSpec> = {}): Bench {
  const clock = new SimClock();
  const told: string[] = [];
  const sent: { readonly to: string; readonly message: unknown }[] = [];
  const exits: UnexpectedExit[] = [];
  const random = Random.fromSeed('bench');
  const node = new SimNode({
    name: 'n1',
    index: 0,
    clock,
    random,
    simulation: programs(program),
    disk: new SimDisk({ node: 'n1', folder: DATA_DIR, model: DISK_MODEL, random }),
    rateError: 0,
    startMs: [10, 10],
    ports: ['client', 'peer'],
    send: (to, message) => void sent.push({ to, message }),
    onState: (state) => void told.push(state),
    onRole: (role) => void told.push(`role ${role}`),
    onUnexpectedExit: (exit) => void exits.push(exit),
    log: (text) => void told.push(`log ${text.trimEnd()}`),
    ...spec,
  });
  return { clock, node, told, sent, exits };
}

/** How a node starts its program. */
export const SPEC = { argv: ['javascript', 'program', 'a', 'b'], logFile: 'log' } as const;

/** Starts the node's program, and waits until it has begun. */
export async function started(bench: Bench): Promise<Bench> {
  await bench.node.start(SPEC);
  await bench.clock.sleep(10);
  return bench;
}
