import { run } from './command.js';
import { Netem, netemWorks } from './netem.js';
import { Prober } from './prober.js';
import type { AgentConfig, AgentRequest, Incoming, LinkCounts, Outgoing, Peer } from './protocol.js';
import { Queues } from './queues.js';
import { linkRules, readCounters, removeRules, setupRules, tableNames } from './rules.js';
import { Volume } from './volume.js';

const DEVICE = 'eth0';

/** What the agent does for each request. One change of rules after the other. */
export class Agent {
  readonly #names;
  readonly #prober: Prober;
  readonly #volume: Volume;
  readonly #queues: Queues;
  readonly #netem = new Netem(DEVICE);
  #packets: 'netem' | 'nfqueue' | undefined;
  #peers: readonly Peer[] = [];
  #peerPorts: readonly number[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ runId, self, root }: AgentConfig, onEvent: (event: Readonly<Record<string, unknown>>) => void) {
    this.#names = tableNames(runId);
    this.#prober = new Prober(self);
    this.#volume = new Volume(root);
    this.#queues = new Queues('FAULTLINE', (why) => onEvent({ event: 'queue-died', why }));
  }

  async perform(request: AgentRequest): Promise<unknown> {
    switch (request.op) {
      case 'ping':
        return {};
      case 'setup':
        return this.#inTurn(() => this.#setup(request.peers, request.peerPorts));
      case 'applyLinks':
        return this.#inTurn(() => this.#apply(request.incoming, request.outgoing));
      case 'stats':
        return this.#stats();
      case 'heal':
        return this.heal();
      case 'probeSend':
        return this.#prober.send(request.to, request.nonce, request.count, request.gapMs);
      case 'probeResult':
        return this.#prober.result(request.nonce);
      case 'setClock':
        return this.#volume.setClock(request.text);
      case 'list':
        return this.#volume.list();
      case 'read':
        return this.#volume.read(request.path);
      case 'patch':
        return this.#volume.patch(request.path, request.at, request.base64);
      case 'truncate':
        return this.#volume.truncate(request.path, request.length);
      case 'rename':
        return this.#volume.rename(request.from, request.to);
      case 'replace':
        return this.#volume.replace(request.from, request.to, request.keep);
      case 'wipe':
        return this.#volume.wipe();
      case 'fill':
        return { ballastBytes: await this.#volume.fill() };
      case 'free':
        return { wasFull: await this.#volume.free() };
    }
  }

  /** Opens every link. Idempotent. */
  async heal(): Promise<void> {
    await this.#inTurn(async () => {
      await run(['nft', '-f', '-'], removeRules(this.#names));
      await this.#queues.remove();
      await this.#netem.remove();
    });
  }

  async #setup(peers: readonly Peer[], peerPorts: readonly number[]): Promise<unknown> {
    this.#peers = peers;
    this.#peerPorts = peerPorts;
    await this.#volume.prepare();
    await this.#prober.open();
    await run(['nft', '-f', '-'], removeRules(this.#names) + setupRules(this.#names, peers));
    this.#packets = (await queuesWork()) ? 'nfqueue' : (await netemWorks()) ? 'netem' : undefined;
    return { ...(this.#packets === undefined ? {} : { packets: this.#packets }) };
  }

  /** Cuts first: they are one transaction, and the quickest. */
  async #apply(incoming: readonly Incoming[], outgoing: readonly Outgoing[]): Promise<void> {
    await run(['nft', '-f', '-'], linkRules(this.#names, { incoming, outgoing, peers: this.#peers, peerPorts: this.#peerPorts }));
    if (this.#packets === 'nfqueue') await this.#queues.apply(incoming, this.#peers);
    if (this.#packets === 'netem') await this.#netem.apply(outgoing, this.#peers);
  }

  async #stats(): Promise<readonly LinkCounts[]> {
    const [links, duplicates, queues] = await Promise.all([
      run(['nft', '-j', 'list', 'counters', 'table', 'inet', this.#names.links]).then(readCounters),
      run(['nft', '-j', 'list', 'counters', 'table', 'ip', this.#names.duplicates]).then(readCounters),
      this.#queues.counts(),
    ]);
    return this.#peers.map(({ name }) => {
      const queue = queues.get(name);
      return {
        from: name,
        deliveredPackets: links.get(`delivered_${name}`)?.packets ?? 0,
        deliveredBytes: links.get(`delivered_${name}`)?.bytes ?? 0,
        stalledPackets: links.get(`stalled_${name}`)?.packets ?? 0,
        resets: links.get(`reset_${name}`)?.packets ?? 0,
        delayedPackets: queue?.delayed ?? 0,
        // Duplicates are counted where they are made: on the way to the peer.
        disturbedPackets: (queue?.disturbed ?? 0) + (duplicates.get(`duplicated_${name}`)?.packets ?? 0),
      };
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }
}

/** Whether netfilter queues can be had here: the kernel's target and Python. */
async function queuesWork(): Promise<boolean> {
  const rule = ['-m', 'mac', '--mac-source', '02:00:00:00:00:01', '-j', 'NFQUEUE', '--queue-num', '999', '--queue-bypass'];
  try {
    await run(['iptables', '-w', '5', '-A', 'INPUT', ...rule]);
    await run(['iptables', '-w', '5', '-D', 'INPUT', ...rule]);
    await run(['python3', '-c', 'import socket; socket.socket(16, socket.SOCK_RAW, 12).close()']);
    return true;
  } catch {
    return false;
  }
}
