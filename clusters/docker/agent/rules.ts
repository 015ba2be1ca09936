import { END_MARK } from './nft.js';
import { PROBE_PORT, type Incoming, type Outgoing, type Peer } from './protocol.js';

/** Names of a run's own tables; nothing else in the namespace is ever touched. */
export interface TableNames {
  /** Family inet: cuts, and the counters of all links. */
  readonly links: string;
  /** Family ip: duplicates (`dup` is unknown in family inet). */
  readonly duplicates: string;
  /** Family inet, without rules: its counter marks the ends of nft's answers. */
  readonly mark: string;
}

export function tableNames(runId: string): TableNames {
  const safe = runId.replace(/[^A-Za-z0-9]/g, '_').slice(-40);
  return { links: `faultline_${safe}`, duplicates: `faultline_dup_${safe}`, mark: `faultline_mark_${safe}` };
}

/**
 * The tables with everything open: at the receiver, before every other filter, a chain for each peer, told by its hardware address (which covers IPv4 and
 * IPv6). Probes are judged and not counted.
 */
export function setupRules(names: TableNames, peers: readonly Peer[]): string {
  const { links, duplicates, mark } = names;
  return [
    `table inet ${mark} {`,
    `  counter ${END_MARK} { }`,
    '}',
    `table inet ${links} {`,
    ...peers.flatMap(({ name }) => ['delivered', 'stalled', 'reset'].map((counter) => `  counter ${counter}_${name} { }`)),
    ...peers.flatMap((peer) => [`  chain from_${peer.name} {`, ...openRules(peer.name).map((rule) => `    ${rule}`), '  }']),
    '  chain in {',
    '    type filter hook input priority -300; policy accept;',
    ...peers.map(({ name, mac }) => `    ether saddr ${mac} jump from_${name}`),
    '  }',
    '}',
    `table ip ${duplicates} {`,
    ...peers.map(({ name }) => `  counter duplicated_${name} { }`),
    '  chain out {',
    '    type filter hook output priority -300; policy accept;',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** The commands that bring some links from peers, and the duplicates to peers (undefined: they stay), into the state that is asked for. Counters go on. */
export function linkRules(names: TableNames, state: { readonly incoming: readonly Incoming[]; readonly outgoing: readonly Outgoing[] | undefined; readonly peers: readonly Peer[]; readonly peerPorts: readonly number[] }): readonly string[] {
  const { links, duplicates } = names;
  const addresses = new Map(state.peers.map(({ name, address }) => [name, address]));
  return [
    ...state.incoming.flatMap(({ from, drop }) => [`flush chain inet ${links} from_${from}`, ...rulesFrom(from, drop, state.peerPorts).map((rule) => `add rule inet ${links} from_${from} ${rule}`)]),
    ...(state.outgoing === undefined ? [] : [`flush chain ip ${duplicates} out`]),
    ...(state.outgoing ?? []).flatMap(({ to, duplicateRate }) => {
      const address = addresses.get(to);
      const perMillion = Math.round(duplicateRate * 1e6);
      if (address === undefined || perMillion === 0) return [];
      // nft refuses a comparison that is always true.
      const chance = perMillion === 1e6 ? '' : `numgen random mod 1000000 < ${perMillion}`;
      return [
        `add rule ip ${duplicates} out ip daddr ${address} udp dport ${PROBE_PORT} ${chance} dup to ${address}`,
        `add rule ip ${duplicates} out ip daddr ${address} meta l4proto tcp ${chance} counter name "duplicated_${to}" dup to ${address}`,
      ];
    }),
  ];
}

export function removeRules({ links, duplicates, mark }: TableNames): string {
  // Adding first makes the deletion succeed also where there is no such table.
  return [`inet ${links}`, `ip ${duplicates}`, `inet ${mark}`].flatMap((table) => [`add table ${table}\n`, `delete table ${table}\n`]).join('');
}

function rulesFrom(peer: string, drop: 'stall' | 'reset' | undefined, peerPorts: readonly number[]): readonly string[] {
  if (drop === undefined) return openRules(peer);
  const probes = `udp dport ${PROBE_PORT} drop`;
  const rest = `counter name "stalled_${peer}" drop`;
  // What the peer dialled breaks; on what this node dialled the packets of this direction are lost.
  if (drop === 'stall' || peerPorts.length === 0) return [probes, rest];
  return [probes, `tcp dport { ${peerPorts.join(', ')} } counter name "reset_${peer}" reject with tcp reset`, rest];
}

function openRules(peer: string): readonly string[] {
  return [`udp dport ${PROBE_PORT} return`, `counter name "delivered_${peer}"`];
}

/** The named counters in nft's JSON listing: name -> packets and bytes. */
export function readCounters(json: string): ReadonlyMap<string, { readonly packets: number; readonly bytes: number }> {
  const { nftables = [] } = JSON.parse(json) as { readonly nftables?: readonly { readonly counter?: { readonly name: string; readonly packets: number; readonly bytes: number } }[] };
  return new Map(nftables.flatMap(({ counter }) => (counter === undefined ? [] : [[counter.name, counter] as const])));
}
