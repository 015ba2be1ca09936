/** Indexed access to an iterable, whose items are taken in order, when first needed, and kept: a pure view of an iterator. */
export function lazily<T, U>(items: Iterable<T>, make: (item: T, index: number) => U): (index: number) => U | undefined {
  const taken: U[] = [];
  let iterator: Iterator<T> | undefined;
  let exhausted = false;
  return (index) => {
    while (!exhausted && taken.length <= index) {
      iterator ??= items[Symbol.iterator]();
      const result = iterator.next();
      if (result.done === true) exhausted = true;
      else taken.push(make(result.value, taken.length));
    }
    return taken[index];
  };
}
