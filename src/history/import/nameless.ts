import { canonical } from '../canonical.js';
import type { ForeignEvent } from './assemble.js';
import { formatError } from './text-error.js';

/** Processes that a history does not name are numbered from here: one each, as nothing is known of who issued what. */
const FIRST = 1_000_000;

/**
 * Gives processes to events without one, by their position: a completion belongs to the open invocation of the same name, and of several to the only one
 * whose argument fits its value. A completion that fits none or several is an error (FaultlineError `history-format`, usage): a guess could make a verdict wrong.
 */
export class Nameless {
  readonly #source: string;
  #open: { readonly process: number; readonly event: ForeignEvent }[] = [];
  #next = FIRST;

  constructor(source: string) {
    this.#source = source;
  }

  processOf(event: ForeignEvent): number {
    if (event.type === 'invoke') {
      const process = this.#next++;
      this.#open.push({ process, event });
      return process;
    }
    const named = this.#open.filter((open) => open.event.f === event.f);
    const fitting = named.length > 1 ? named.filter((open) => fits(open.event.value, event.value)) : named;
    const [only] = fitting;
    if (only === undefined || fitting.length > 1) {
      const why = named.length === 0 ? 'no invocation of that name is open before it' : `${named.length} invocations of that name are open before it`;
      throw formatError(this.#source, event.place, `${event.f} (${event.type}) has no process, and ${why}`, 'Give every event its process, or let completions follow their invocations.');
    }
    this.#open = this.#open.filter((open) => open !== only);
    return only.process;
  }
}

/** Whether a value may be the result of an argument: what the argument left out is filled in, the rest is the same. */
function fits(argument: unknown, value: unknown): boolean {
  if (argument === null) return true;
  if (Array.isArray(argument) && Array.isArray(value)) return argument.length === value.length && argument.every((item, i) => fits(item, value[i]));
  return canonical(argument) === canonical(value);
}
