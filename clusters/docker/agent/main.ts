import { createInterface } from 'node:readline';
import { Agent } from './agent.js';
import { AgentError } from './command.js';
import { Intake } from './intake.js';
import { configSchema, requestSchema } from './protocol.js';
import { tryPackets } from './trial.js';

/**
 * The program in a node's holder. Standard input is its lease: when that ends, or nothing comes for a while, it opens every link, says so, and stays until somebody
 * removes the container or it has lingered long enough.
 */
async function main(): Promise<void> {
  const config = configSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const write = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  process.stdout.on('error', () => undefined);
  const agent = new Agent(config, write);
  let over = false;
  const end = async (why: string): Promise<void> => {
    if (over) return;
    over = true;
    await agent.heal().catch((error: unknown) => write({ event: 'heal-failed', why: String(error) }));
    write({ event: 'healed', why });
    setTimeout(() => process.exit(0), config.lingerMs);
  };
  let silence = setTimeout(() => undefined, 0);
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => void end(`nothing was heard for ${config.silenceMs} ms`), config.silenceMs);
  };
  heard();
  // As the first process of its container it gets no default reaction to signals.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
  const lines = createInterface({ input: process.stdin });
  const intake = new Intake();
  lines.on('line', (line) => {
    heard();
    if (!intake.takes(line)) return;
    void answer(agent, line, over).then(write);
  });
  lines.on('close', () => void end('standard input ended'));
  write({ event: 'ready' });
}

async function answer(agent: Agent, line: string, over: boolean): Promise<unknown> {
  let id: unknown;
  try {
    const message = JSON.parse(line) as { readonly id?: unknown };
    id = message.id;
    const request = requestSchema.parse(message);
    if (over) throw new AgentError('healed', 'the agent has given up its lease');
    return { id, ok: true, result: (await agent.perform(request)) ?? null };
  } catch (error) {
    const code = error instanceof AgentError ? error.code : ((error as NodeJS.ErrnoException).code ?? 'agent');
    return { id, ok: false, error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

/** For the doctor: one line that says by what packets can be disturbed here (exit code 0) or why not (1). */
async function tryOnly(): Promise<void> {
  const trial = await tryPackets();
  process.stdout.write(`${'by' in trial ? trial.by : trial.why}\n`);
  process.exitCode = 'by' in trial ? 0 : 1;
}

await (process.argv[2] === '--try' ? tryOnly() : main());
