import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentClient } from './client.js';
import { requestSchema } from './protocol.js';

describe('the controller\'s end of the conversation', () => {
  let [input, output, events]: [PassThrough, PassThrough, unknown[]] = [new PassThrough(), new PassThrough(), []];
  let client: AgentClient;
  let gone: string[] = [];

  beforeEach(() => {
    [input, output, events] = [new PassThrough(), new PassThrough(), []];
    gone = [];
    client = new AgentClient({ name: 'n1', input, output, onEvent: (event) => events.push(event), onGone: ({ message }) => gone.push(message) });
  });
  afterEach(() => client[Symbol.asyncDispose]());
  beforeEach(() => expect(String(input.read())).toBe('\n'));

  const request = (): Promise<Record<string, unknown>> => new Promise((resolve) => input.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString()) as Record<string, unknown>)));
  const say = (value: unknown): void => void output.write(`${JSON.stringify(value)}\n`);

  test('a request is what the agent accepts, and its reply is the result', async () => {
    const heard = request();
    const reply = client.read('log/1');
    const message = await heard;
    expect(requestSchema.parse(message)).toEqual({ op: 'read', path: 'log/1' });
    say({ id: message['id'], ok: true, result: Buffer.from('x').toString('base64') });
    expect((await reply).toString()).toBe('x');
  });

  test.each([['bad-path', 'bad-path'], ['ENOSPC', 'disk'], ['command', 'agent-command']])('the agent\'s error %s is %s', async (theirs, ours) => {
    const heard = request();
    const reply = client.truncate('x', 1);
    say({ id: (await heard)['id'], ok: false, error: { code: theirs, message: 'no' } });
    await expect(reply).rejects.toMatchObject({ code: ours });
  });

  test('events and unreadable lines are told', async () => {
    say({ event: 'ready' });
    output.write('nonsense\n');
    await expect.poll(() => events.length).toBe(2);
    expect(events).toEqual([{ event: 'ready' }, { event: 'unreadable', line: 'nonsense' }]);
  });

  test('when the connection ends what waits fails, and what comes later too', async () => {
    const reply = client.heal();
    output.end();
    await expect(reply).rejects.toMatchObject({ code: 'agent-gone' });
    await expect(client.stats()).rejects.toMatchObject({ code: 'agent-gone' });
    expect(gone).toEqual(['n1: the agent in its holder is gone: its connection was closed']);
  });

  test('an agent that has given up its lease is as good as gone', async () => {
    const reply = client.heal();
    say({ event: 'healed', why: 'nothing was heard for 20000 ms' });
    await expect(reply).rejects.toMatchObject({ code: 'agent-gone' });
    expect(gone).toEqual(['n1: the agent in its holder is gone: it has given up its lease: nothing was heard for 20000 ms']);
  });

  test('one that ends with the run is missed by nobody', async () => {
    await client[Symbol.asyncDispose]();
    output.end();
    await expect(client.stats()).rejects.toMatchObject({ code: 'agent-gone' });
    expect(gone).toEqual([]);
  });
});
