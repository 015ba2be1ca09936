/**
 * The lines of an agent's input that are requests. What comes before the first one may be none: a proxy that hands on the head of the attach call before its body leaves the body, an
 * object of options, in what becomes our input; the client begins with an empty line to part it from the first request. Later lines all count: what is wrong
 * with them is answered.
 */
export class Intake {
  #begun = false;

  /** Whether a line is to be answered. */
  takes(line: string): boolean {
    if (line.trim() === '') return false;
    this.#begun ||= isNumbered(line);
    return this.#begun;
  }
}

function isNumbered(line: string): boolean {
  try {
    const message = JSON.parse(line) as { readonly id?: unknown } | null;
    return typeof message?.id === 'number';
  } catch {
    return false;
  }
}
