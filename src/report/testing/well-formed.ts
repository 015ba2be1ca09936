/** Whether a text is one XML element whose tags nest and whose attributes are quoted and unique. Enough for SVG without comments and CDATA. */
export function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  let at = 0;
  for (const match of xml.matchAll(/<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (!isText(xml.slice(at, match.index)) || (open.length === 0 && at > 0)) return false;
    at = match.index + match[0].length;
    const [, closing, name = '', attributes = '', empty] = match;
    const names = [...attributes.matchAll(/([\w:-]+)="/g)].map((attribute) => attribute[1]);
    if (new Set(names).size < names.length || !isText(attributes)) return false;
    if (closing === '/') {
      if (open.pop() !== name) return false;
    } else if (empty !== '/') open.push(name);
  }
  return open.length === 0 && at === xml.length && at > 0;
}

function isText(text: string): boolean {
  return !text.includes('<') && !/&(?!#\d+;|#x[\da-f]+;|amp;|lt;|gt;|quot;|apos;)/i.test(text);
}
