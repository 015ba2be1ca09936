import { StringDecoder } from 'node:string_decoder';
import { FaultlineError } from '../../../src/index.js';

const ESCAPE = String.fromCharCode(27);

/** One item of what an engine says during a build, a pull or an import. */
export interface EngineItem {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

/** The items of an engine's answer, one JSON object a line. Fails as the stream fails. */
export async function* itemsOf(stream: AsyncIterable<unknown>): AsyncGenerator<EngineItem> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield itemOf(line);
  }
  if (rest.trim() !== '') yield itemOf(rest);
}

function itemOf(line: string): EngineItem {
  try {
    const item: unknown = JSON.parse(line);
    if (typeof item === 'object' && item !== null) return item;
  } catch {
    // Told below.
  }
  return { stream: `${line}\n` };
}

/**
 * Follows a build to its end: a line to `log` for every step, the id of what every step made to `layer`. Gives the id of the image. An engine reports a failed build as the last item of a
 * good answer: FaultlineError `image-build` with all that the failed step said.
 */
export async function followBuild(what: string, stream: AsyncIterable<unknown>, log: (line: string) => void, layer: (id: string) => void = () => undefined): Promise<string> {
  let step = 'the start';
  let output = '';
  let id: string | undefined;
  for await (const item of itemsOf(stream)) {
    if (item.error !== undefined) {
      throw new FaultlineError('image-build', `The build of ${what} failed at ${step}: ${item.error.trim()}\n${output.trimEnd()}`.trimEnd(), { hint: 'Above is all that the failed step said.' });
    }
    id = item.aux?.ID ?? id;
    const made = /^ ---> ([0-9a-f]{12,})\s*$/.exec(item.stream ?? '')?.[1];
    if (made !== undefined) layer(made);
    const started = item.stream === undefined ? null : /^(Step \d+\/\d+) : ([^\n]*)/.exec(item.stream);
    if (started === null) output += item.stream === undefined ? (item.status === undefined ? '' : `${item.status}\n`) : plain(item.stream);
    else {
      step = `"${started[1]} : ${started[2]}"`;
      output = '';
      log(`${started[1]?.toLowerCase()}: ${shortened(started[2] ?? '')}`);
    }
  }
  if (id === undefined) throw new FaultlineError('image-build', `The build of ${what} ended at ${step} without an image\n${output.trimEnd()}`.trimEnd());
  return id;
}

/** Follows a pull or an import to its end and gives the last status. FaultlineError `code` with the engine's words. */
export async function followTransfer(code: string, what: string, stream: AsyncIterable<unknown>): Promise<string> {
  let last = '';
  for await (const item of itemsOf(stream)) {
    if (item.error !== undefined) throw new FaultlineError(code, `${what}: ${item.error.trim()}`);
    last = item.status?.trim() ?? last;
  }
  return last;
}

/** Without the colours that the engine gives to standard error. */
function plain(text: string): string {
  return text.replace(new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g'), '');
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
