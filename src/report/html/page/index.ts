import { SCRIPT_DRAW } from './script-draw.js';
import { SCRIPT_INPUT } from './script-input.js';
import { SCRIPT_MODEL } from './script-model.js';

export { PAGE_STYLE } from './style.js';

/** The page's only script: the timeline. A closure, so that it leaves no global name. */
export const PAGE_SCRIPT = `(() => {\n'use strict';\n${SCRIPT_MODEL}${SCRIPT_DRAW}${SCRIPT_INPUT}})();\n`;
