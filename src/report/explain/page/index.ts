import { SCRIPT_DRAW } from './script-draw.js';
import { SCRIPT_INPUT } from './script-input.js';
import { SCRIPT_MODEL } from './script-model.js';
import { SCRIPT_PANEL } from './script-panel.js';

export { EXPLAIN_STYLE } from './style.js';

/** The page's only script. A closure, so that it leaves no global name. */
export const EXPLAIN_SCRIPT = `(() => {\n'use strict';\n${SCRIPT_MODEL}${SCRIPT_DRAW}${SCRIPT_PANEL}${SCRIPT_INPUT}})();\n`;
