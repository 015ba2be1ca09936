/** A keyword or a symbol, apart from strings: `:ok` has the text `:ok`. */
export class EdnName {
  constructor(readonly text: string) {}
}

/** A map, with its entries in the order of the text. */
export interface EdnMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [EdnValue, EdnValue])[];
}

/** A value of an EDN text (https://github.com/edn-format/edn). Vectors, lists and sets are arrays; a tagged form is the form without its tag. */
export type EdnValue = null | boolean | number | string | EdnName | EdnMap | readonly EdnValue[];

/** A form as plain JSON data: keywords as their names, maps as objects with their keys as text. */
export function plain(value: EdnValue): unknown {
  if (value instanceof EdnName) return value.text.startsWith(':') ? value.text.slice(1) : value.text;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly EdnValue[]).map(plain);
  return Object.fromEntries((value as EdnMap).entries.map(([key, item]) => [keyText(plain(key)), plain(item)]));
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}

/** The map with its bare keyword keys in a namespace, as `#:ns{...}` means it; `:_/x` stays bare. */
export function inNamespace(map: EdnMap, namespace: string): EdnMap {
  const rename = (key: EdnValue): EdnValue => {
    if (!(key instanceof EdnName) || !key.text.startsWith(':')) return key;
    if (key.text.startsWith(':_/')) return new EdnName(`:${key.text.slice(3)}`);
    return key.text.includes('/') ? key : new EdnName(`:${namespace}/${key.text.slice(1)}`);
  };
  return { kind: 'map', entries: map.entries.map(([key, item]) => [rename(key), item] as const) };
}
