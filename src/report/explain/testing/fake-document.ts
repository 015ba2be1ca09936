import { Script } from 'node:vm';

/** An element as far as the page's script uses one: a tree with attributes and text. */
export class FakeElement {
  readonly attributes = new Map<string, string>();
  readonly children: (FakeElement | string)[] = [];
  readonly dataset: Record<string, string> = {};
  readonly listeners = new Map<string, (event: unknown) => void>();
  readonly style = {};
  readonly clientWidth = 800;
  readonly classes = new Set<string>();
  readonly classList = { toggle: (name: string, on: boolean): unknown => (on ? this.classes.add(name) : this.classes.delete(name)) };
  className = '';
  scrollTop = 0;
  scrollLeft = 0;
  hidden = true;

  constructor(readonly name: string, text = '') {
    if (text !== '') this.children.push(text);
  }

  set textContent(text: string) {
    this.children.splice(0, Infinity, ...(text === '' ? [] : [text]));
  }

  get textContent(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join('');
  }

  append(...parts: readonly (FakeElement | string)[]): void {
    this.children.push(...parts);
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
    if (name.startsWith('data-')) this.dataset[name.slice('data-'.length)] = value;
  }

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.listeners.set(type, listener);
  }

  focus(): void {
    this.listeners.get('focus')?.(undefined);
  }

  /** It and all below it. */
  all(): readonly FakeElement[] {
    return [this, ...this.children.flatMap((child) => (typeof child === 'string' ? [] : child.all()))];
  }
}

/** What a page shows after its script ran: elements by id, and a way to press keys. */
export interface RanPage {
  readonly byId: (id: string) => FakeElement;
  readonly press: (key: string) => void;
  readonly address: () => string;
}

/** Runs the script of a page in a document that has the page's ids and its data. */
export function runPage(page: string, address = ''): RanPage {
  const data = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(page)?.[1] ?? '';
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
  const elements = new Map([...page.matchAll(/<(\w+)[^>]*? id="([\w-]+)"/g)].map(([, name = '', id = '']) => [id, new FakeElement(name, id === 'data' ? data : '')]));
  const listeners = new Map<string, (event: unknown) => void>();
  let hash = address;
  new Script(script).runInNewContext({
    document: {
      getElementById: (id: string) => elements.get(id) ?? null,
      createElement: (name: string) => new FakeElement(name),
      createElementNS: (_: string, name: string) => new FakeElement(name),
      addEventListener: (type: string, listener: (event: unknown) => void) => listeners.set(type, listener),
    },
    window: { addEventListener: () => undefined },
    location: { get hash() { return hash; } },
    history: { replaceState: (_: unknown, __: string, to: string) => { hash = to; } },
    ResizeObserver: class { observe(): void {} },
    URLSearchParams,
  });
  return {
    byId: (id) => elements.get(id) ?? new FakeElement('nothing'),
    press: (key) => listeners.get('keydown')?.({ key, preventDefault: () => undefined }),
    address: () => hash,
  };
}
