import type { Op } from '../history/op.js';
import { ask, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** What a traced generator said or heard. */
export type TraceEntry =
  | { readonly kind: 'asked'; readonly time: number; readonly free: GeneratorContext['free']; readonly answer: Next }
  | { readonly kind: 'told'; readonly time: number; readonly event: Op };

/** The source, with every question and every event shown to `log`: for debugging. A discarded answer is shown too. */
export function trace(log: (entry: TraceEntry) => void, source: Source): Generator {
  return new Trace(log, lift(source));
}

class Trace implements Generator {
  constructor(
    private readonly log: (entry: TraceEntry) => void,
    private readonly child: Generator,
  ) {}

  next(context: GeneratorContext): Next {
    const answer = ask(this.child, context);
    this.log({ kind: 'asked', time: context.time, free: context.free, answer });
    if (answer.kind === 'done') return answer;
    const rest = new Trace(this.log, answer.rest);
    return answer.kind === 'op' ? { kind: 'op', op: answer.op, rest } : pending(rest, answer.until);
  }

  update(context: GeneratorContext, event: Op): Generator {
    this.log({ kind: 'told', time: context.time, event });
    return new Trace(this.log, tell(this.child, context, event));
  }
}
