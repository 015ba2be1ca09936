import { messageOf, waitUntil, type Node, type ProgramEnd, type Run } from '../../src/index.js';

/** What became of a node that was started. */
export type Comeback = { readonly kind: 'answers' } | { readonly kind: 'ended'; readonly end: ProgramEnd } | { readonly kind: 'silent'; readonly why: string };

/** Waits until a started node answers or has ended, but no longer than `timeoutMs`. */
export async function comebackOf(run: Run, node: Node, timeoutMs: number, signal: AbortSignal): Promise<Comeback> {
  const over = new AbortController();
  const bounded = run.clock.within(timeoutMs, signal, over.signal);
  const answers = heeding(bounded, run.system.ready(node, run, bounded)).then((): Comeback => ({ kind: 'answers' }));
  const ended = waitUntil(`the end of ${node.name}`, () => node.lastEnd(), { clock: run.clock, timeoutMs, signal: bounded }).then((end): Comeback => ({ kind: 'ended', end }));
  // One that does not answer may be about to end: its end says more.
  const silent = (error: unknown): Comeback => ({ kind: 'silent', why: messageOf(error) });
  try {
    return await Promise.any([answers, ended]).catch((error: AggregateError) => silent(error.errors[0]));
  } finally {
    over.abort();
    await Promise.allSettled([answers, ended]);
  }
}

/** The work, or a failure as soon as the signal says so: a system that does not heed its signal holds nobody up. */
async function heeding<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** How a program ended, with its last word. */
export function endWords({ code, signal, tail }: ProgramEnd): string {
  const last = tail.split('\n').at(-1) ?? '';
  return `${signal === null ? `exit code ${code ?? '?'}` : signal}${last === '' ? '' : `: ${last}`}`;
}
