import { FaultlineError, type ProvisionRequest, type UnexpectedExit } from '../../src/index.js';
import { SimClock } from './clock.js';
import { SimCluster } from './cluster.js';
import { SimDisk } from './disk/index.js';
import { SimNetwork, type Receiver } from './network.js';
import { DATA_DIR, SimNode } from './node.js';
import { simSettingSchema, type SimSetting } from './setting.js';

/** Makes nodes in virtual time. Throws FaultlineError `not-simulated` for a system that does not say how it runs in a simulation. */
export async function provisionSim(request: ProvisionRequest): Promise<SimCluster> {
  const { clock, random, simulation } = request;
  if (!(clock instanceof SimClock)) throw new FaultlineError('not-simulated', 'a simulated cluster needs virtual time');
  if (simulation === undefined) throw new FaultlineError('not-simulated', 'this system does not run in a simulation', { hint: 'Take --cluster local or docker.', kind: 'usage' });
  const setting = simSettingSchema.parse(simulation.setting ?? {});
  const names = Array.from({ length: request.nodeCount }, (_, i) => `n${i + 1}`);
  const receivers = new Map<string, Receiver>();
  const exits: UnexpectedExit[] = [];
  const { trace } = simulation;
  const net = new SimNetwork({ nodes: names, clock, seed: request.random.fork('links').int(2 ** 31), setting: setting.network, receivers, describe: (message) => simulation.programs.describe(message), sortOf: (message) => simulation.programs.sortOf(message), ...(trace === undefined ? {} : { trace }) });
  const nodes = names.map((name, index) => simNode(name, index, { request, setting, net, exits, clock }));
  for (const node of nodes) receivers.set(node.name, node);
  const clients = random.fork('clients');
  const lost = new AbortController();
  clock.onStorm((error) => lost.abort(error));
  return new SimCluster({ nodes, net, clock, exits, clientMs: setting.network.clientMs, draw: () => clients.float(), lost: lost.signal, ...(trace === undefined ? {} : { trace }) });
}

interface Parts {
  readonly request: ProvisionRequest;
  readonly setting: SimSetting;
  readonly net: SimNetwork;
  readonly exits: UnexpectedExit[];
  readonly clock: SimClock;
}

function simNode(name: string, index: number, { request, setting, net, exits, clock }: Parts): SimNode {
  const simulation = request.simulation;
  if (simulation === undefined) throw new FaultlineError('not-simulated', 'this system does not run in a simulation');
  const random = request.random.fork(name);
  const { trace, programs, clockErrorRate } = simulation;
  return new SimNode({
    name,
    index,
    clock,
    random,
    simulation: programs,
    disk: new SimDisk({ node: name, folder: DATA_DIR, model: setting.disk, random: random.fork('disk') }),
    rateError: setting.clocks.drift * clockErrorRate * (2 * random.fork('rate').float() - 1),
    startMs: setting.startMs,
    ports: request.ports,
    send: (to, message) => net.send(name, to, message),
    onState: (value) => {
      if (value === 'stopped') net.forget(name);
      trace?.({ kind: 'state', node: name, atNs: clock.now(), aspect: 'process', value });
    },
    onRole: (value) => trace?.({ kind: 'state', node: name, atNs: clock.now(), aspect: 'role', value }),
    onUnexpectedExit: (exit) => {
      exits.push(exit);
      request.log(`${exit.node} has ended: ${exit.tail}`);
    },
    log: (text) => simulation.log?.(name, text),
  });
}
