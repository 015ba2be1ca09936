import { DONE, NS_PER_MS, pending } from './ask.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** Nothing for `ms` milliseconds from when it is first asked, then done. Occupies no thread. */
export function sleep(ms: number): Generator {
  return new Sleep(ms * NS_PER_MS, undefined);
}

class Sleep implements Generator {
  constructor(
    private readonly durationNs: number,
    /** Undefined: not asked yet. */
    private readonly end: number | undefined,
  ) {}

  next(context: GeneratorContext): Next {
    const end = this.end ?? context.time + this.durationNs;
    if (context.time >= end) return DONE;
    return pending(this.end === undefined ? new Sleep(this.durationNs, end) : this, end);
  }
}
