import { FaultlineError, messageOf } from '../errors.js';
import type { Op } from '../history/op.js';
import { pending } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/**
 * The source, checked: at the boundary to a plug-in, under the plug-in's name. Asking and telling throw FaultlineError
 * `generator-invalid` that names it and says what it did: threw, gave something that is no answer, or used a thread that is not free.
 */
export function validate(name: string, source: Source): Generator {
  return new Validated(name, lift(source));
}

class Validated implements Generator {
  constructor(
    private readonly name: string,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    const next = guarded(this.name, () => this.child.next(context));
    const complaint = complaintAbout(next, context);
    if (complaint !== undefined) throw invalid(this.name, complaint);
    if (next.kind === 'done') return next;
    const rest = next.rest === this.child ? this : new Validated(this.name, next.rest);
    return next.kind === 'op' ? { kind: 'op', op: next.op, rest } : pending(rest, next.until);
  }

  update(context: GeneratorContext, event: Op): Generator {
    const update = this.child.update?.bind(this.child);
    if (update === undefined) return this;
    const child = guarded(this.name, () => update(context, event));
    if (!isGenerator(child)) throw invalid(this.name, `update gave ${shown(child)} instead of a generator`);
    return child === this.child ? this : new Validated(this.name, child);
  }
}

function guarded<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'generator-invalid') throw error;
    throw new FaultlineError('generator-invalid', `the generator of ${name} threw: ${messageOf(error)}`, { cause: error });
  }
}

function invalid(name: string, complaint: string): FaultlineError {
  return new FaultlineError('generator-invalid', `the generator of ${name}: ${complaint}`);
}

/** What is wrong with an answer, or undefined. The types promise it all; plug-ins may not be typed. */
function complaintAbout(next: unknown, context: GeneratorContext): string | undefined {
  if (!isRecord(next)) return `next gave ${shown(next)} instead of an answer`;
  switch (next.kind) {
    case 'done':
      return undefined;
    case 'pending':
      if (!isGenerator(next.rest)) return `a pending answer without a rest: ${shown(next)}`;
      return isTime(next.until) ? undefined : `a pending answer until ${shown(next.until)}, which is not a time`;
    case 'op':
      return isGenerator(next.rest) ? complaintAboutOp(next.op, context) : `an operation without a rest: ${shown(next.op)}`;
    default:
      return `next gave ${shown(next)}, whose kind is neither op, pending nor done`;
  }
}

function complaintAboutOp(op: unknown, context: GeneratorContext): string | undefined {
  if (!isRecord(op) || typeof op.f !== 'string' || op.f === '') return `an operation without f: ${shown(op)}`;
  if (op.value === undefined) return `an operation without a value (null for none): ${shown(op)}`;
  if (op.key !== undefined && typeof op.key !== 'string' && typeof op.key !== 'number') return `a key is a text or a number: ${shown(op)}`;
  if (!isTime(op.time)) return `an operation at ${shown(op.time)}, which is not a time`;
  if (op.thread === undefined) return context.free.length > 0 ? undefined : `an operation though no thread is free: ${shown(op)}`;
  const fits = (op.time !== undefined && Number(op.time) > context.time ? context.threads : context.free).some((thread) => thread === op.thread);
  return fits ? undefined : `an operation on thread ${shown(op.thread)}, which is not free or not its own: ${shown(op)}`;
}

function isTime(time: unknown): boolean {
  return time === undefined || (typeof time === 'number' && !Number.isNaN(time));
}

function isGenerator(value: unknown): value is Generator {
  return isRecord(value) && typeof value.next === 'function';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'something that is not JSON';
  }
}
