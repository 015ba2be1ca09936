/** HTML that is safe to put into a page: text from outside comes in only through `html`, which escapes it. */
export class Markup {
  readonly text: string;

  /** Takes HTML as it is: only for constants and for what was made safe already. */
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Part[] | undefined;

/** Template tag: what is interpolated is escaped, unless it is Markup; lists are joined; undefined is nothing. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(literals.map((literal, i) => literal + partText(parts[i])).join(''));
}

/** Escapes for text and for quoted attributes. Characters that turn the direction of text or hide it become visible codes. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[^\P{Cc}\n\t]|\p{Cf}/gu, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

/** JSON for a `<script>` element: no character in it can end the element or begin a comment. */
export function scriptJson(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

function partText(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(partText).join('');
  return escapeHtml(String(part));
}
