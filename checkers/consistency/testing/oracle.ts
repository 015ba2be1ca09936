import { canonical, type Operation } from '../../../src/index.js';
import type { Guarantee, Level } from '../levels.js';

/** The definitions, tried out: for histories of up to a dozen operations. Shares nothing with the checkers. */
export function oracle(level: Level, operations: readonly Operation[], initial: unknown = null): boolean {
  const counted = operations.filter((op) => op.completion?.type !== 'fail' && (known(op) || op.invoke.f !== 'read'));
  if (level === 'sequential') return possible(counted, initial);
  const keys = [...new Set(counted.map((op) => op.invoke.key))].map((key) => counted.filter((op) => op.invoke.key === key));
  if (level === 'cache') return keys.every((own) => possible(own, initial));
  return keys.every((own) => subsets(own.filter((op) => !known(op))).some((happened) => ordered(level, own.filter((op) => known(op) || happened.includes(op)), initial)));
}

const known = (op: Operation): boolean => op.completion?.type === 'ok';

/** Whether a session knew the outcome of a before it began b. */
function inSession(a: Operation, b: Operation): boolean {
  return known(a) && a.invoke.process === b.invoke.process && (a.completion?.index ?? Infinity) < b.invoke.index;
}

/** Whether there is a legal order that keeps the sessions. The indeterminate may be left out. */
function possible(operations: readonly Operation[], initial: unknown): boolean {
  const hopeless = new Set<string>();
  const extend = (left: readonly Operation[], state: Readonly<Record<string, string>>): boolean => {
    if (!left.some(known)) return true;
    const situation = `${left.map(({ invoke }) => invoke.index).join()} ${canonical(state)}`;
    if (hopeless.has(situation)) return false;
    const found = left.some((op) => {
      if (left.some((other) => inSession(other, op))) return false;
      const key = String(op.invoke.key);
      const now = state[key] ?? canonical(initial);
      const needs = read(op);
      if (needs !== undefined && needs !== now) return false;
      return extend(left.filter((other) => other !== op), { ...state, [key]: written(op) ?? now });
    });
    if (!found) hopeless.add(situation);
    return found;
  };
  return extend(operations, {});
}

function read({ invoke, completion }: Operation): string | undefined {
  if (invoke.f === 'read') return canonical(completion?.value);
  return invoke.f === 'cas' ? canonical((invoke.value as readonly unknown[])[0]) : undefined;
}

function written({ invoke }: Operation): string | undefined {
  if (invoke.f === 'write') return canonical(invoke.value);
  return invoke.f === 'cas' ? canonical((invoke.value as readonly unknown[])[1]) : undefined;
}

function ordered(guarantee: Guarantee, happened: readonly Operation[], initial: unknown): boolean {
  const root = canonical(initial);
  const versions = new Set([root, ...happened.flatMap((op) => written(op) ?? [])]);
  if (happened.some((op) => read(op) !== undefined && !versions.has(read(op) ?? ''))) return false;
  const demands: (readonly [string, string])[] = [...versions].filter((version) => version !== root).map((version) => [root, version]);
  const demand = (older: string | undefined, younger: string | undefined, same: boolean): void => {
    if (older !== undefined && younger !== undefined && !(same && older === younger)) demands.push([older, younger]);
  };
  for (const a of happened) {
    demand(read(a), a.invoke.f === 'cas' ? written(a) : undefined, false);
    for (const b of happened.filter((other) => inSession(a, other))) {
      if (guarantee === 'read-your-writes') demand(written(a), read(b), true);
      if (guarantee === 'monotonic-reads') demand(read(a), read(b), true);
      if (guarantee === 'monotonic-writes') demand(written(a), written(b), true);
      if (guarantee === 'writes-follow-reads') demand(read(a), written(b), false);
    }
  }
  return arrange([...versions], demands);
}

function arrange(left: readonly string[], demands: readonly (readonly [string, string])[]): boolean {
  if (left.length === 0) return true;
  return left.some((next) => !demands.some(([older, younger]) => younger === next && left.includes(older)) && arrange(left.filter((version) => version !== next), demands));
}

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.reduce<readonly (readonly T[])[]>((all, item) => [...all, ...all.map((set) => [...set, item])], [[]]);
}
