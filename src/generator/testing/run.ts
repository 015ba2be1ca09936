import type { Op } from '../../history/op.js';
import { simulate, type GeneratorContext, type OpSpec, type SimulatedCall, type SimulatedOutcome, type Simulation, type SimulationOptions, type Source } from '../index.js';

export const MS = 1e6;
export const r: OpSpec = { f: 'r' };

export function ops(...names: readonly string[]): readonly OpSpec[] {
  return names.map((f) => ({ f }));
}

/** Writes what it draws. */
export function drawn(context: GeneratorContext): OpSpec {
  return { f: 'w', value: context.draw(0) };
}

/** Three clients and two nemeses, bounded. */
export function run(source: Source, options: Partial<SimulationOptions> = {}): Simulation {
  return simulate(source, { threads: 3, nemeses: ['a', 'b'], seed: 1, maxOperations: 2000, maxMs: 100_000, ...options });
}

export function invocations(source: Source, options?: Partial<SimulationOptions>): readonly Op[] {
  return run(source, options).ops.filter((op) => op.type === 'invoke');
}

/** What was invoked. */
export function fs(source: Source, options?: Partial<SimulationOptions>): readonly string[] {
  return invocations(source, options).map((op) => op.f);
}

/** When, in milliseconds. */
export function times(source: Source, options?: Partial<SimulationOptions>): readonly number[] {
  return invocations(source, options).map((op) => op.time / MS);
}

/** A system whose every call is decided by its draws. */
export function chance(call: SimulatedCall): SimulatedOutcome {
  const type = (['ok', 'ok', 'fail', 'info'] as const)[Math.floor(call.draw(0) * 4)] ?? 'ok';
  return { type, latencyMs: call.draw(1) * 10 };
}

/** What an action throws. */
export function failure(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
