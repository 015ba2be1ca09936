/** A set of small numbers: from a certain word of a state on, 31 to a word, without empty words at the end. */
const BITS = 31;

/** The numbers in the words from `first` on, in order. */
export function numbersIn(words: readonly number[], first: number): readonly number[] {
  const numbers: number[] = [];
  for (let word = first; word < words.length; word++) {
    for (let rest = words[word] as number; rest !== 0; rest &= rest - 1) numbers.push((word - first) * BITS + 31 - Math.clz32(rest & -rest));
  }
  return numbers;
}

/** Whether a number is in the words from `first` on. */
export function hasNumber(words: readonly number[], first: number, number: number): boolean {
  return (((words[first + Math.floor(number / BITS)] ?? 0) >>> number % BITS) & 1) === 1;
}

/** Adds numbers to the words from `first` on, in place. */
export function addNumbers(words: number[], first: number, numbers: readonly number[]): void {
  for (const number of numbers) {
    const word = first + Math.floor(number / BITS);
    while (words.length <= word) words.push(0);
    words[word] = (words[word] as number) | (1 << number % BITS);
  }
}
