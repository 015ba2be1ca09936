import type { Key } from '../history/op.js';
import { DONE, pending } from './ask.js';
import type { Generator, GeneratorContext, Next, OpDraft, ThreadId } from './types.js';

/** An operation as one writes it down. A missing value is null. */
export interface OpSpec {
  readonly f: string;
  readonly value?: unknown;
  readonly key?: Key;
  readonly thread?: ThreadId;
  readonly time?: number;
}

/** Makes the next operation from the context alone; undefined: there are no more. Each call has draws of its own: `draw(0)` is a new number every time. */
export type OpFunction = (context: GeneratorContext) => OpSpec | undefined;

/** What every combinator takes: a generator, one operation, or a function that makes operations until it gives undefined. */
export type Source = Generator | OpSpec | OpFunction;

/** The generator of a source. */
export function lift(source: Source): Generator {
  if (typeof source === 'function') return fromFunction(source);
  return 'next' in source ? source : op(source);
}

/** One operation, once. */
export function op(spec: OpSpec): Generator {
  const draft = draftOf(spec);
  return new Made(() => draft, 0, 1);
}

/** As many operations as the function makes. It must be pure: chance comes from the context's draws. */
export function fromFunction(make: OpFunction): Generator {
  return new Made((context) => {
    const spec = make(context);
    return spec === undefined ? undefined : draftOf(spec);
  }, 0, Infinity);
}

/** One operation over and over: the quick path of repeat. */
export function sameOp(spec: OpSpec, times: number): Generator {
  const draft = draftOf(spec);
  return new Made(() => draft, 0, times);
}

/** The draft of a spec: a missing value becomes null. */
export function draftOf(spec: OpSpec): OpDraft {
  const { f, value, key, thread, time } = spec;
  if (value !== undefined) return spec as OpDraft;
  if (key === undefined && thread === undefined && time === undefined) return { f, value: null };
  return { ...spec, value: null };
}

/** Operations made one by one; the n-th by the n-th child context. */
class Made implements Generator {
  constructor(
    private readonly make: (context: GeneratorContext) => OpDraft | undefined,
    private readonly count: number,
    private readonly times: number,
  ) {}

  next(context: GeneratorContext): Next {
    if (this.count >= this.times) return DONE;
    const op = this.make(context.at(this.count));
    if (op === undefined) return DONE;
    if (context.free.length === 0 || (op.thread !== undefined && !context.free.includes(op.thread))) return pending(this);
    return { kind: 'op', op, rest: new Made(this.make, this.count + 1, this.times) };
  }
}
