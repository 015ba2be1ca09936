import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { FaultlineError, type Random } from '../../../src/index.js';
import { reasonOf, statusOf, withDeadline } from '../deadline.js';
import { labelsOf } from '../labels.js';
import { addressIn, candidates, formatSubnet, overlap, parseRoutes, parseSubnet, type Subnet } from './subnet.js';

/** How many networks are tried: another run may take one between our look and our request. */
const ATTEMPTS = 16;
/** The first addresses are the gateway's and spare. */
const FIRST_HOST = 11;

/** The private network of one run, with a static address for every node. */
export interface RunNetwork {
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
  /** The address of the node with an index from 0. */
  address(index: number): string;
}

/** Makes the run's own network on a subnet that nothing on the engine (nor, if it is this machine, any route) uses. Throws FaultlineError `no-subnet` or `network`. */
export async function createNetwork(docker: Docker, request: { readonly runId: string; readonly random: Random; readonly local: boolean }): Promise<RunNetwork> {
  const taken = [...(await subnetsOf(docker)), ...(request.local ? routes() : [])];
  const name = `faultline-${request.runId}`;
  let tried = 0;
  for (const subnet of candidates(request.random.int(2 ** 31))) {
    if (taken.some((other) => overlap(other, subnet))) continue;
    if (++tried > ATTEMPTS) break;
    try {
      const network = await withDeadline('making the network', docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Driver: 'bridge',
        IPAM: { Driver: 'default', Config: [{ Subnet: formatSubnet(subnet), Gateway: addressIn(subnet, 1) }] },
        Labels: labelsOf(request.runId, 'network'),
      }));
      return { id: network.id, name, subnet: formatSubnet(subnet), address: (index) => addressIn(subnet, FIRST_HOST + index) };
    } catch (cause) {
      // Somebody else took it in between.
      if (/overlap|conflict/i.test(reasonOf(cause)) && !/already exists/.test(reasonOf(cause))) continue;
      throw new FaultlineError('network', `the engine cannot make a network: ${reasonOf(cause)}`, { cause, hint: statusOf(cause) === 403 ? 'It may have run out of address pools: docker network prune removes those that nobody uses.' : 'Look at the engine\'s log.' });
    }
  }
  throw new FaultlineError('no-subnet', `found no free network in 10.200.0.0 to 10.254.255.0 after ${tried} attempts`, { hint: 'docker network ls shows what is there; faultline clean removes what killed runs left.' });
}

async function subnetsOf(docker: Docker): Promise<readonly Subnet[]> {
  const networks = await withDeadline('listing networks', docker.listNetworks());
  return networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet: text }) => parseSubnet(text ?? '') ?? []));
}

function routes(): readonly Subnet[] {
  try {
    return parseRoutes(readFileSync('/proc/net/route', 'utf8'));
  } catch {
    return [];
  }
}
