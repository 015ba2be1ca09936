import { canonical } from '../../shared/canonical.js';
import { showValue } from '../../shared/words.js';
import { modelOp, type ObjectHistory, type Quick } from '../object-history.js';
import { isRead, microOpsOf } from '../models/micro-ops.js';
import { invalid, notApplicable, told } from './shared.js';

/**
 * Finds values that were read but that nobody can have written by then, and reads in a transaction that do not give what it wrote before: invalid for certain. Anything
 * else is left to a search, as the order of transactions is not in the values (the problem is NP-complete even if each is written once).
 */
export function multiRegisterQuick(history: ObjectHistory, initial: unknown): Quick {
  const byKey = initial !== null && typeof initial === 'object' && !Array.isArray(initial);
  const first = (key: unknown): string => canonical(byKey ? (initial as Record<string, unknown>)[String(key)] : initial);
  // The transaction that began first of those that write a value to a key.
  const written = new Map<string, number>();
  const place = (key: unknown, value: unknown): string => `${canonical(key)} ${canonical(value)}`;
  const txns = Array.from({ length: history.size }, (_, op) => modelOp(history, op));
  for (const [op, { argument }] of txns.entries()) {
    for (const [f, key, value] of microOpsOf(argument) ?? []) if (!isRead(f) && !written.has(place(key, value))) written.set(place(key, value), op);
  }
  for (const [op, { result }] of txns.entries()) {
    const own = new Map<string, string>();
    for (const [f, key, value] of microOpsOf(result) ?? []) {
      const [name, text] = [canonical(key), canonical(value)];
      const before = own.get(name);
      if (!isRead(f)) own.set(name, text);
      else if (before !== undefined && before !== text) return invalid('internal', `${told(history, op)} reads ${showValue(value)} from ${showValue(key)}, to which it had just written ${before}.`, [op]);
      else if (before === undefined && text !== first(key)) {
        const writer = written.get(place(key, value));
        if (writer === undefined) return invalid('never-written', `${told(history, op)} reads ${showValue(value)} from ${showValue(key)}, which nobody wrote there.`, [op]);
        if ((history.inv[writer] as number) > (history.ret[op] as number)) return invalid('future-read', `${told(history, op)} reads ${showValue(value)} from ${showValue(key)}, but had ended before ${told(history, writer)} began, the first that writes it.`, [writer, op]);
      }
    }
  }
  return notApplicable('transactions over several registers');
}
