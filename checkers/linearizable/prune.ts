import { Interner } from '../shared/canonical.js';
import type { Entry } from './entries.js';
import type { AnyModel } from './models/index.js';

/**
 * Leaves out the indeterminate writes and cas of a register whose value no other operation needs, transitively. They can be taken out of any
 * linearization, as whatever follows them there is a write, which has no precondition; so the verdict stays. Other models are left as they are.
 */
export function prune(entries: readonly Entry[], model: AnyModel): readonly Entry[] {
  const register = model.register?.bind(model);
  if (register === undefined) return entries;
  const values = new Interner();
  const ops = entries.map((entry) => register(entry.op, values));
  const needed = new Set<number>();
  const makers = new Map<number, number[]>();
  for (const [i, op] of ops.entries()) {
    if (entries[i]?.op.known === true) {
      if (op.kind === 'read') needed.add(op.value);
      if (op.kind === 'cas') needed.add(op.from);
    } else if (op.kind === 'cas') {
      const list = makers.get(op.to);
      if (list === undefined) makers.set(op.to, [op.from]);
      else list.push(op.from);
    }
  }
  // A Set hands out what is added during the iteration too: what makes a needed value has needs of its own.
  for (const value of needed) for (const from of makers.get(value) ?? []) needed.add(from);
  return entries.filter((entry, i) => {
    const op = ops[i];
    if (entry.op.known || op === undefined || op.kind === 'read') return true;
    return needed.has(op.kind === 'write' ? op.value : op.to);
  });
}
