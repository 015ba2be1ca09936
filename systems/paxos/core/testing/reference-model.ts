import type { Command, Json, Operation, Slot } from '../index.js';
import { jsonEqual } from '../json.js';
import type { HistoryOp } from './sim-client.js';

type Outcome = { readonly ok: true; readonly value: Json } | { readonly ok: false };

/**
 * The log executed once more, as plainly as possible: every session's command at its first place only. What clients
 * were told has to agree with it.
 */
export class ReferenceModel {
  readonly #values = new Map<string, Json>();
  readonly #outcomes = new Map<string, Outcome>();

  constructor(chosen: ReadonlyMap<Slot, Command>) {
    for (const slot of [...chosen.keys()].sort((a, b) => a - b)) {
      const command = chosen.get(slot);
      if (command?.kind !== 'operation' || command.op.f === 'read') continue;
      const name = command.session === undefined ? undefined : `${command.session.id}/${command.session.seq}`;
      if (name !== undefined && this.#outcomes.has(name)) continue;
      const outcome = this.#execute(command.op);
      if (name !== undefined) this.#outcomes.set(name, outcome);
    }
  }

  /** Completed operations of sessions whose reply is not what the log says. */
  disagreements(history: readonly HistoryOp[]): string[] {
    return history.flatMap((entry) => {
      if (entry.session === undefined || entry.op.f === 'read' || entry.outcome === 'info') return [];
      const expected = this.#outcomes.get(`${entry.session.id}/${entry.session.seq}`);
      if (expected === undefined) return entry.outcome === 'ok' ? [`${JSON.stringify(entry.op)} succeeded, but was never executed`] : [];
      const same = expected.ok ? entry.outcome === 'ok' && jsonEqual(expected.value, entry.value) : entry.outcome === 'fail';
      return same ? [] : [`${JSON.stringify(entry.op)}: told ${JSON.stringify(entry.reply)}, the log says ${JSON.stringify(expected)}`];
    });
  }

  #execute(op: Operation): Outcome {
    const found = this.#values.get(op.key) ?? null;
    switch (op.f) {
      case 'read':
        return { ok: true, value: found };
      case 'write':
        this.#values.set(op.key, op.value);
        return { ok: true, value: null };
      case 'cas':
        if (!jsonEqual(found, op.from)) return { ok: false };
        this.#values.set(op.key, op.to);
        return { ok: true, value: null };
      case 'append': {
        const list = [...((found ?? []) as readonly Json[]), op.value];
        this.#values.set(op.key, list);
        return { ok: true, value: list.length };
      }
      case 'add': {
        const sum = Number(found ?? 0) + op.value;
        this.#values.set(op.key, sum);
        return { ok: true, value: sum };
      }
    }
  }
}
