/** An upright rectangle, pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const CELL = 32;

/** What is taken of a plane: answers quickly what a rectangle would lie over. */
export class Occupied {
  readonly #cells = new Map<string, { readonly box: Box; readonly owner: string }[]>();

  /** Takes a rectangle for an owner. */
  add(box: Box, owner: string): void {
    for (const cell of cellsOf(box)) {
      const list = this.#cells.get(cell);
      if (list === undefined) this.#cells.set(cell, [{ box, owner }]);
      else list.push({ box, owner });
    }
  }

  /** The owners of what overlaps any of some rectangles. */
  owners(boxes: readonly Box[]): ReadonlySet<string> {
    const found = new Set<string>();
    for (const box of boxes) {
      for (const cell of cellsOf(box)) {
        for (const taken of this.#cells.get(cell) ?? []) if (overlap(taken.box, box)) found.add(taken.owner);
      }
    }
    return found;
  }
}

/** Small rectangles that cover a line of a thickness from one point to another. */
export function alongLine([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number], thickness: number): readonly Box[] {
  const steps = Math.max(1, Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 10));
  return Array.from({ length: steps }, (_, i) => {
    const [xa, ya, xb, yb] = [x1 + ((x2 - x1) * i) / steps, y1 + ((y2 - y1) * i) / steps, x1 + ((x2 - x1) * (i + 1)) / steps, y1 + ((y2 - y1) * (i + 1)) / steps];
    return { x: Math.min(xa, xb), y: Math.min(ya, yb) - thickness / 2, width: Math.abs(xb - xa), height: Math.abs(yb - ya) + thickness };
  });
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function cellsOf({ x, y, width, height }: Box): readonly string[] {
  const cells: string[] = [];
  for (let column = Math.floor(x / CELL); column <= Math.floor((x + width) / CELL); column++) {
    for (let row = Math.floor(y / CELL); row <= Math.floor((y + height) / CELL); row++) cells.push(`${column},${row}`);
  }
  return cells;
}
