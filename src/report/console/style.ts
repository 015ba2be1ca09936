const CODES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;

/** Emphasis that never carries meaning alone: without color the words say the same. */
export type Style = keyof typeof CODES;

/** Puts text in a style. */
export type Paint = (style: Style, text: string) => string;

/** A painter that emits ANSI (ECMA-48 SGR) sequences, or leaves text as it is. */
export function painter(color: boolean): Paint {
  return (style, text) => (color && text !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}
