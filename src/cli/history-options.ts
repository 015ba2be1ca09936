import { flag, text, type OptionSpec } from '../config/option-spec.js';
import { FORMAT_EXAMPLES, FORMATS, type HistoryFormat } from '../history/import/index.js';
import { lookUp } from '../judge/suggest.js';

/** How a history file is to be read: what `check` and `convert` share. */
export const formatOption: OptionSpec<string> = { flag: '--format <name>', help: `of the file: ${FORMATS.join(', ')}`, defaultText: 'told by its beginning', parse: text };

export const keyedOption: OptionSpec<boolean> = { flag: '--keyed', help: 'values are [key value] tuples, as jepsen.independent writes them', parse: flag };

/** The format of a name. Throws a usage error that lists them. */
export function formatNamed(name: string): HistoryFormat {
  lookUp('format', name, FORMAT_EXAMPLES);
  return name as HistoryFormat;
}
