import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { AgentError } from './command.js';

const ANSWER_MS = 10_000;
/** The counter of the table that marks the ends of answers. */
export const END_MARK = 'end_mark';

interface Conversation {
  readonly child: ChildProcess;
  readonly input: Writable;
}

/**
 * One nft that is kept open in its interactive mode, for what must be quick: a change takes it about a millisecond, of which a process of its own needs 20 to start.
 * One request after the other. A change that succeeds it does not answer: after each request it is asked for the only counter of a table that serves as end mark.
 */
export class Nft {
  readonly #mark: string;
  readonly #end: RegExp;
  #open: Conversation | undefined;
  #text = '';
  #waiting: ((answer: string | AgentError) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** `table`: the one with the end mark, of the family inet. */
  constructor(table: string) {
    this.#mark = `list counter inet ${table} ${END_MARK}`;
    this.#end = new RegExp(`^(?:\\{.*"table": "${table}".*|Error: .*\n${this.#mark}\n.*)\n`, 'm');
  }

  /** Carries out commands in one transaction. Throws AgentError `command` with what nft said; then nothing has changed. */
  async change(commands: readonly string[]): Promise<void> {
    await this.#ask(commands.join('; '));
  }

  /** The JSON that answers a `list` command. Throws AgentError `command`. */
  async list(what: string): Promise<string> {
    return this.#ask(`list ${what}`);
  }

  async #ask(line: string): Promise<string> {
    const mine = this.#turn.then(() => this.#exchange(line));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #exchange(line: string): Promise<string> {
    const { child, input } = (this.#open ??= this.#start());
    this.#text = '';
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<string | AgentError>((resolve) => {
      timer = setTimeout(() => {
        resolve(new AgentError('command', `nft: no answer within ${ANSWER_MS} ms to: ${line}`));
        this.#open = undefined;
        child.kill('SIGKILL');
      }, ANSWER_MS);
      this.#waiting = resolve;
      input.write(`${line}\n${this.#mark}\n`);
    });
    clearTimeout(timer);
    this.#waiting = undefined;
    if (answer instanceof AgentError) throw answer;
    const lines = answer.split('\n').map((text) => text.trim()).filter((text) => text !== '');
    const complaint = lines.filter((text) => !text.startsWith('{'));
    if (complaint.length > 0) throw new AgentError('command', `nft: ${complaint.join('\n')}`);
    return lines.join('\n');
  }

  #start(): Conversation {
    // Both outputs in one stream: only so is it known which complaint belongs to which request.
    const child = spawn('sh', ['-c', 'exec nft -j -i 2>&1'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [input, output] = child.stdio as unknown as [Writable, Readable];
    const conversation: Conversation = { child, input };
    output.setEncoding('utf8').on('data', (chunk: string) => {
      if (this.#open === conversation) this.#hear(chunk);
    });
    input.on('error', () => undefined);
    const over = (): void => {
      if (this.#open !== conversation) return;
      this.#open = undefined;
      this.#waiting?.(new AgentError('command', `nft ended: ${this.#text.trim()}`));
    };
    child.on('error', over).on('close', over);
    return conversation;
  }

  #hear(chunk: string): void {
    this.#text += chunk;
    const end = this.#end.exec(this.#text);
    if (end === null) return;
    // Where the table is gone, that is what nft says last.
    const answer = this.#text.slice(0, end[0].startsWith('{') ? end.index : end.index + end[0].length);
    this.#text = this.#text.slice(end.index + end[0].length);
    this.#waiting?.(answer);
  }
}
