import { AgentError, run } from './command.js';
import { Netem } from './netem.js';
import { Nft } from './nft.js';
import { Prober } from './prober.js';
import type { AgentConfig, AgentRequest, Incoming, LinkCounts, Outgoing, PacketTrial, Peer } from './protocol.js';
import { needsQueue, Queues } from './queues.js';
import { linkRules, readCounters, removeRules, setupRules, tableNames } from './rules.js';
import { tryPackets } from './trial.js';
import { Volume } from './volume.js';

const DEVICE = 'eth0';
/** Every link as it is without faults. */
const OPEN = { incoming: new Map<string, Incoming>(), outgoing: new Map<string, Outgoing>() };

/** What the agent does for each request. One change of rules after the other. */
export class Agent {
  readonly #names;
  readonly #prober: Prober;
  readonly #volume: Volume;
  readonly #queues: Queues;
  readonly #netem = new Netem(DEVICE);
  readonly #nft: Nft;
  /** What is in force, by peer; undefined: a change failed midway, and nobody knows. */
  #inForce: { readonly incoming: ReadonlyMap<string, Incoming>; readonly outgoing: ReadonlyMap<string, Outgoing> } | undefined = OPEN;
  #packets: 'netem' | 'nfqueue' | undefined;
  /** Rules of ours may be there. Without them nothing is run that needs rights: a run without link faults has none. */
  #linked = false;
  #peers: readonly Peer[] = [];
  #peerPorts: readonly number[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ runId, self, root }: AgentConfig, onEvent: (event: Readonly<Record<string, unknown>>) => void) {
    this.#names = tableNames(runId);
    this.#nft = new Nft(this.#names.mark);
    this.#prober = new Prober(self);
    this.#volume = new Volume(root);
    this.#queues = new Queues('FAULTLINE', (why) => onEvent({ event: 'queue-died', why }));
  }

  async perform(request: AgentRequest): Promise<unknown> {
    switch (request.op) {
      case 'ping':
        return {};
      case 'prepare':
        return this.#volume.prepare();
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
      if (this.#linked) await run(['nft', '-f', '-'], removeRules(this.#names));
      await this.#queues.remove();
      await this.#netem.remove();
      this.#inForce = OPEN;
    });
  }

  async #setup(peers: readonly Peer[], peerPorts: readonly number[]): Promise<PacketTrial> {
    this.#peers = peers;
    this.#peerPorts = peerPorts;
    await this.#prober.open();
    this.#linked = true;
    await run(['nft', '-f', '-'], removeRules(this.#names) + setupRules(this.#names, peers));
    // The first request starts nft: not when a cut is asked for.
    await this.#nft.list(`counters table inet ${this.#names.links}`);
    const trial = await tryPackets();
    this.#packets = 'by' in trial ? trial.by : undefined;
    if (this.#packets === 'nfqueue') await this.#queues.prepare();
    return trial;
  }

  /** Cuts first: they are one transaction, and the quickest. What is as it was is left alone. */
  async #apply(incoming: readonly Incoming[], outgoing: readonly Outgoing[]): Promise<void> {
    const known = this.#inForce;
    if (!this.#linked && incoming.every(isOpen) && outgoing.every(isOpen)) return;
    this.#refuseIfNotLinked();
    this.#inForce = undefined;
    const cuts = incoming.filter((link) => known === undefined || link.drop !== known.incoming.get(link.from)?.drop);
    const doubled = known === undefined || outgoing.some((link) => link.duplicateRate !== (known.outgoing.get(link.to)?.duplicateRate ?? 0));
    const rules = linkRules(this.#names, { incoming: cuts, outgoing: doubled ? outgoing : undefined, peers: this.#peers, peerPorts: this.#peerPorts });
    if (rules.length > 0) await this.#nft.change(rules);
    const held = known === undefined || disturbed(incoming) !== disturbed([...known.incoming.values()]);
    const delayed = known === undefined || disturbed(outgoing) !== disturbed([...known.outgoing.values()]);
    if (this.#packets === 'nfqueue' && held) await this.#queues.apply(incoming, this.#peers);
    if (this.#packets === 'netem' && delayed) await this.#netem.apply(outgoing, this.#peers);
    this.#inForce = { incoming: new Map(incoming.map((link) => [link.from, link])), outgoing: new Map(outgoing.map((link) => [link.to, link])) };
  }

  async #stats(): Promise<readonly LinkCounts[]> {
    this.#refuseIfNotLinked();
    const [links, duplicates, queues, netem] = await Promise.all([
      this.#nft.list(`counters table inet ${this.#names.links}`).then(readCounters),
      this.#nft.list(`counters table ip ${this.#names.duplicates}`).then(readCounters),
      this.#queues.counts(),
      this.#netem.counts(),
    ]);
    return this.#peers.map(({ name }) => {
      const [queue, sent] = [queues.get(name), netem.get(name)];
      return {
        from: name,
        deliveredPackets: links.get(`delivered_${name}`)?.packets ?? 0,
        deliveredBytes: links.get(`delivered_${name}`)?.bytes ?? 0,
        stalledPackets: links.get(`stalled_${name}`)?.packets ?? 0,
        resets: links.get(`reset_${name}`)?.packets ?? 0,
        delayedPackets: queue?.delayed ?? 0,
        disturbedPackets: queue?.disturbed ?? 0,
        outgoing: { delayedPackets: sent?.delayed ?? 0, disturbedPackets: (sent?.disturbed ?? 0) + (duplicates.get(`duplicated_${name}`)?.packets ?? 0) },
      };
    });
  }

  #refuseIfNotLinked(): void {
    if (!this.#linked) throw new AgentError('no-links', 'this run has no need of link faults, and its links were not prepared for any');
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }
}

function isOpen(link: Incoming | Outgoing): boolean {
  return link.drop === undefined && link.duplicateRate === 0 && !needsQueue(link);
}

/** What the links do besides passing and dropping, as a text to compare. */
function disturbed(links: readonly (Incoming | Outgoing)[]): string {
  return links.filter(needsQueue).map((link) => `${'from' in link ? link.from : link.to} ${link.delayMs} ${link.jitterMs} ${link.lossRate} ${link.reorderRate} ${link.bytesPerSecond ?? ''}`).sort().join('\n');
}
