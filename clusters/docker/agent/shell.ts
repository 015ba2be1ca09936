import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { AgentError } from './command.js';

const ANSWER_MS = 10_000;
const END = 'faultline-end';

/** What came of a command: its output, both streams, and its exit code. */
interface Answer {
  readonly code: number;
  readonly output: string;
}

/**
 * A shell that is kept open, for what must be quick: it starts a program in a fraction of the time that a process of Node.js needs for it. One command after the other.
 */
export class Shell {
  #child: ChildProcessWithoutNullStreams | undefined;
  #text = '';
  #waiting: ((answer: Answer | AgentError) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** Feeds a text to a command (words without quoting) and gives its output. Throws AgentError `command`. */
  async feed(command: string, input: string): Promise<string> {
    const mine = this.#turn.then(() => this.#feed(command, input));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #feed(command: string, input: string): Promise<string> {
    const child = (this.#child ??= this.#open());
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<Answer | AgentError>((resolve) => {
      timer = setTimeout(() => {
        resolve(new AgentError('command', `${command}: not done within ${ANSWER_MS} ms`));
        child.kill('SIGKILL');
      }, ANSWER_MS);
      this.#waiting = resolve;
      child.stdin.write(`${command} <<'${END}' 2>&1\n${input.endsWith('\n') ? input : `${input}\n`}${END}\necho "${END} $?"\n`);
    });
    clearTimeout(timer);
    this.#waiting = undefined;
    if (answer instanceof AgentError) throw answer;
    if (answer.code !== 0) throw new AgentError('command', `${command}: exit code ${answer.code}: ${answer.output.trim()}`);
    return answer.output;
  }

  #open(): ChildProcessWithoutNullStreams {
    const child = spawn('sh', [], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#hear(chunk));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    const over = (): void => {
      if (this.#child === child) this.#child = undefined;
      this.#waiting?.(new AgentError('command', 'the shell ended'));
    };
    child.on('error', over).on('close', over);
    return child;
  }

  #hear(chunk: string): void {
    this.#text += chunk;
    const match = new RegExp(`^([^]*?)${END} (\\d+)\\n`).exec(this.#text);
    if (match === null) return;
    this.#text = this.#text.slice(match[0].length);
    this.#waiting?.({ output: match[1] ?? '', code: Number(match[2]) });
  }
}
