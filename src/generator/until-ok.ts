import type { Op, ProcessId } from '../history/op.js';
import { ask, assign, DONE, pending, tell } from './ask.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** The source until one of its operations, whichever it was, has completed with `ok`. `untilOk(repeat({ f: 'read' }))` tries until it works. */
export function untilOk(source: Source): Generator {
  return new UntilOk({ child: lift(source), open: new Set(), succeeded: false, draws: 0 });
}

interface State {
  readonly child: Generator;
  /** Processes with an open operation of the source. */
  readonly open: ReadonlySet<ProcessId>;
  readonly succeeded: boolean;
  readonly draws: number;
}

class UntilOk implements Generator {
  constructor(private readonly state: State) {}

  next(context: GeneratorContext): Next {
    const { child, open, succeeded, draws } = this.state;
    if (succeeded) return DONE;
    const next = ask(child, context.at(0));
    if (next.kind === 'done') return open.size === 0 ? DONE : pending(this);
    const op = next.kind === 'op' ? assign(next.op, context, draws) : undefined;
    if (next.kind === 'pending') return pending(new UntilOk({ ...this.state, child: next.rest }), next.until);
    if (op === undefined) return pending(this);
    const opened = new Set([...open, context.processOf(op.thread)]);
    return { kind: 'op', op, rest: new UntilOk({ child: next.rest, open: opened, succeeded, draws: draws + 1 }) };
  }

  update(context: GeneratorContext, event: Op): Generator {
    const { open } = this.state;
    const child = tell(this.state.child, context.at(0), event);
    const ends = event.type !== 'invoke' && open.has(event.process);
    if (!ends) return child === this.state.child ? this : new UntilOk({ ...this.state, child });
    const left = new Set([...open].filter((process) => process !== event.process));
    return new UntilOk({ ...this.state, child, open: left, succeeded: this.state.succeeded || event.type === 'ok' });
  }
}
