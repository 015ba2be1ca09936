import { FaultlineError } from '../../errors.js';

/** Formats of histories. `knossos` are the lines of Jepsen's history.txt, too. */
export const FORMATS = ['ndjson', 'json', 'edn', 'jepsen-log', 'jepsen-txt'] as const;
export type HistoryFormat = (typeof FORMATS)[number];

/** What each format looks like, for messages and documents. */
export const FORMAT_EXAMPLES: Readonly<Record<HistoryFormat, string>> = {
  ndjson: '{"process":0,"type":"invoke","f":"write","value":3}, one a line',
  json: '[{"process":0,"type":"invoke","f":"write","value":3}, ...]',
  edn: '{:process 0, :type :invoke, :f :write, :value 3}, one after the other or in one vector; or [0 :invoke :write 3]',
  'jepsen-log': 'INFO  jepsen.util - 0 :invoke :write 3, among other lines',
  'jepsen-txt': '0 :invoke :write 3, one a line',
};

/** Bytes that are looked at. */
export const SAMPLE_BYTES = 64 * 1024;

/** Tells the format of a history by how it begins. Throws FaultlineError `history-format` (usage) that says what was seen and what is known. */
export function detectFormat(sample: Uint8Array, name: string): HistoryFormat {
  if ((sample[0] === 0x1f && sample[1] === 0x8b) || (sample[0] === 0x28 && sample[1] === 0xb5)) {
    throw new FaultlineError('history-format', `${name}: the file is compressed`, { kind: 'usage', hint: 'Unpack it first, or pipe it: zcat FILE | faultline check - ...' });
  }
  const text = Buffer.from(sample).toString('utf8').replace(/^\uFEFF/, '');
  if (/^INFO\s+jepsen\.util\s+-\s/m.test(text)) return 'jepsen-log';
  const start = text.replace(/^(\s|,|;[^\n]*\n)+/, '');
  if (/^\{\s*"/.test(start)) return 'ndjson';
  if (/^\{\s*\}/.test(start)) return name.endsWith('.edn') ? 'edn' : 'ndjson';
  if (/^\[\s*\{\s*"/.test(start)) return 'json';
  if (/^[{[(#^]/.test(start)) return start.startsWith('[') && /^\[\s*\]/.test(start) && name.endsWith('.json') ? 'json' : 'edn';
  if (/^(\d+|:\S+)\s+:[a-z]+\s+:\S/.test(start)) return 'jepsen-txt';
  // Nothing at all is an empty history of lines.
  if (start === '') return name.endsWith('.edn') ? 'edn' : 'ndjson';
  const known = FORMATS.map((format) => `${format}: ${FORMAT_EXAMPLES[format]}`).join('; ');
  throw new FaultlineError('history-format', `${name}: not a history of a known format, it begins with ${JSON.stringify(start.slice(0, 40))}`, { kind: 'usage', hint: `Say which one it is by --format. Known are ${known}.` });
}
