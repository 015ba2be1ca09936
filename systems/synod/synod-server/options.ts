import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addressOf, type Address } from '../../paxos/server/options.js';
import { SERVER_EXIT, ServerError } from '../../paxos/server/failure.js';
import { SYNOD_BUGS } from '../core/index.js';

const FLAGS = {
  id: { type: 'string' },
  cluster: { type: 'string', default: 'synod' },
  client: { type: 'string' },
  peer: { type: 'string' },
  peers: { type: 'string', default: '' },
  data: { type: 'string' },
  'durable-copy': { type: 'string' },
  'retry-ms': { type: 'string', default: '50' },
  'request-timeout-ms': { type: 'string', default: '900' },
  bug: { type: 'string', multiple: true, default: [] as string[] },
  'exit-with-stdin': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const USAGE = `usage: synod-server --id N --client HOST:PORT --peer HOST:PORT --peers ID=HOST:PORT,... --data DIR
       synod-server init --id N [--cluster NAME] --data DIR     makes the folder of a new node, once
  --retry-ms N (50)  --request-timeout-ms N (900)  --bug NAME  --durable-copy DIR  --exit-with-stdin
`;

const whole = z.string().regex(/^[1-9]\d*$/, 'not a number from 1').transform(Number);
const address = z.string().transform((text, context): Address => {
  const parsed = addressOf(text, new Map());
  if (parsed === undefined) context.addIssue('not HOST:PORT');
  return parsed ?? { host: '', port: 0 };
});
const peers = z.string().transform((text, context): ReadonlyMap<number, Address> => {
  const pairs = text.split(',').filter((part) => part !== '').map((part) => {
    const [, id, at = ''] = /^([1-9]\d*)=(.+)$/.exec(part) ?? [];
    return [Number(id), addressOf(at, new Map())] as const;
  });
  if (pairs.some(([id, at]) => Number.isNaN(id) || at === undefined)) context.addIssue('not ID=HOST:PORT,...');
  return new Map(pairs.flatMap(([id, at]) => (at === undefined ? [] : [[id, at] as const])));
});

const owner = z.object({ id: whole, cluster: z.string().min(1), data: z.string().min(1) });
const serving = owner.extend({
  client: address,
  peer: address,
  peers,
  'durable-copy': z.string().min(1).optional(),
  'retry-ms': whole,
  'request-timeout-ms': whole,
  bug: z.array(z.enum(SYNOD_BUGS.map(({ name }) => name))),
  'exit-with-stdin': z.boolean(),
});

export type SynodOwner = z.infer<typeof owner>;
export type SynodServerOptions = z.infer<typeof serving>;

/** What the program is to do. Throws ServerError (usage) that names the flag. */
export function parseCommand(argv: readonly string[]): { readonly kind: 'help' } | { readonly kind: 'init'; readonly owner: SynodOwner } | { readonly kind: 'serve'; readonly options: SynodServerOptions } {
  const init = argv[0] === 'init';
  let values: Record<string, unknown>;
  try {
    values = parseArgs({ args: argv.slice(init ? 1 : 0), options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ServerError(SERVER_EXIT.usage, (error as Error).message);
  }
  if (values['help'] === true) return { kind: 'help' };
  return init ? { kind: 'init', owner: parsed(owner, values) } : { kind: 'serve', options: parsed(serving, values) };
}

function parsed<T>(schema: z.ZodType<T>, values: Readonly<Record<string, unknown>>): T {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const flag = String(issue?.path[0] ?? '');
  throw new ServerError(SERVER_EXIT.usage, values[flag] === undefined ? `--${flag} is missing (--help shows all options)` : `--${flag}: ${JSON.stringify(values[flag])} will not do: ${issue?.message ?? ''} (--help shows all options)`);
}
