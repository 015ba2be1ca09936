import { z } from 'zod';
import { messageOf, waitUntil, type FaultEnd, type FaultValue, type Nemesis, type Run } from '../../src/index.js';
import { aimFields, drawAim, nodeNames, parseStart, whoLeads, type Aim } from '../shared/aim.js';
import { FaultLifecycle, type Fault } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';

const startSchema = z.object(aimFields);

/** So long somebody else may take to lead, milliseconds. */
const LEADS_MS = 3000;

const KINDS = {
  any: 'The leader hands over to whom it likes.',
  'to-one': 'The leader is told to hand over to a certain node, which may be down or cut off.',
};

/** Has the leader hand over to another node, as an operator or a balancer would, by the system's own command. */
export const transferNemesis: Nemesis = {
  name: 'transfer',
  description: 'Asks the leader to hand leadership over to another node, by the system\'s own command.',
  needs: ['transfer'],
  kinds: KINDS,
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run, 'transfer'),
          // There is nothing to wait for: it is over when it has begun.
          kinds: nodeNames(run).length < 2 ? [] : Object.keys(KINDS).map((name) => ({ name, lengthFactor: 0.3 })),
          choose: (kind, chance) => drawAim(run, kind, chance),
        }),
      prepare: async (value) => new Transfer(run, parseStart(run, 'transfer', KINDS, startSchema, value)),
    }),
};

/** It leaves nothing to undo: whoever leads afterwards leads. */
class Transfer implements Fault {
  readonly #run: Run;
  readonly #aim: Aim;
  #value: FaultValue;
  #before: string | null = null;
  #words = 'nobody was asked';
  inForce = false;

  constructor(run: Run, aim: Aim) {
    this.#run = run;
    this.#aim = aim;
    this.#value = { kind: aim.kind };
  }

  async begin(signal: AbortSignal): Promise<FaultValue> {
    const { kind, order } = this.#aim;
    const { leader, why } = await whoLeads(this.#run, signal);
    this.#before = leader;
    const to = kind === 'to-one' ? order.find((name) => name !== leader) : undefined;
    this.#value = { kind, targets: [leader, to].filter((name) => name !== null && name !== undefined), leader, ...(why === undefined ? {} : { note: why }) };
    if (leader === null) {
      this.#words = 'nobody led';
      return this.#value;
    }
    const node = this.#run.cluster.nodes.find(({ name }) => name === to);
    this.#words = (await this.#run.system.transfer?.(leader, node, this.#run, signal).catch(messageOf)) ?? 'the system cannot';
    return { ...this.#value, answer: this.#words };
  }

  async end(signal: AbortSignal): Promise<FaultEnd> {
    const leads = await this.#leader(signal);
    return {
      ...this.#value,
      effect: { observed: this.#before !== null && leads !== null && leads !== this.#before, evidence: `${this.#words}; ${leads === null ? `nobody leads within ${LEADS_MS / 1000} s` : `${leads} leads`}, and ${this.#before ?? 'nobody'} led before` },
      healed: { observed: true, evidence: 'nothing was left to heal' },
    };
  }

  /** Who leads now, or soon. */
  async #leader(signal: AbortSignal): Promise<string | null> {
    const look = async (): Promise<string | undefined> => (await whoLeads(this.#run, signal)).leader ?? undefined;
    return waitUntil('a leader', look, { clock: this.#run.clock, timeoutMs: LEADS_MS, intervalMs: 50, signal }).catch(() => null);
  }
}
