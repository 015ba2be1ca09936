/** The part of d3-node 4 that the charts use; the package has no types of its own. */
declare module 'd3-node' {
  /** A selection of one SVG element (d3-selection). */
  export interface SvgSelection {
    append(name: string): SvgSelection;
    attr(name: string, value: string | number): SvgSelection;
    text(value: string): SvgSelection;
    call(draw: (selection: SvgSelection) => unknown): SvgSelection;
  }

  /** A continuous scale: its domain is given in the data's unit, its range in pixels (d3-scale). */
  export interface ContinuousScale {
    (value: number): number;
    domain(bounds: readonly [number, number]): this;
    range(bounds: readonly [number, number]): this;
    nice(): this;
    ticks(count?: number): number[];
  }

  interface D3 {
    scaleLinear(): ContinuousScale;
    scaleLog(): ContinuousScale;
    /** Linear about zero, logarithmic away from it; `constant` is where the one becomes the other. */
    scaleSymlog(): ContinuousScale & { constant(value: number): ContinuousScale };
    line(): {
      (points: readonly (readonly [number, number])[]): string | null;
      curve(curve: unknown): (points: readonly (readonly [number, number])[]) => string | null;
    };
    readonly curveStepAfter: unknown;
  }

  export class D3Node {
    readonly d3: D3;
    createSVG(width: number, height: number, attributes?: Readonly<Record<string, string>>): SvgSelection;
    svgString(): string;
  }

  export default D3Node;
}
