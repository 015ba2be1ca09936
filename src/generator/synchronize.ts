import { pending } from './ask.js';
import { concat } from './concat.js';
import { lift, type Source } from './source.js';
import type { Generator, GeneratorContext, Next } from './types.js';

/** Waits until all threads that it may use are free, then is the source. */
export function synchronize(source: Source): Generator {
  return new Synchronize(lift(source));
}

/** One source after the other, each when everything before has completed. */
export function phases(...sources: readonly Source[]): Generator {
  return concat(...sources.map(synchronize));
}

/** The first, and when all its operations have completed the second. (Not `then`: a module with that export could not be awaited.) */
export function andThen(first: Source, second: Source): Generator {
  return concat(first, synchronize(second));
}

class Synchronize implements Generator {
  constructor(private readonly child: Generator) {}

  next(context: GeneratorContext): Next {
    return context.free.length === context.threads.length ? this.child.next(context) : pending(this);
  }
}
