/** A checksum of a text, sixteen hexadecimal digits: two runs of FNV-1a over its UTF-16 code units (Fowler, Noll, Vo), with different primes and mixed at the end. Tells damage, not malice. */
export function checksum(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit ^ (a >>> 24), 0x85ebca6b);
  }
  return hex(mix(a ^ text.length)) + hex(mix(b ^ a));
}

function mix(bits: number): number {
  let mixed = bits ^ (bits >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  return mixed ^ (mixed >>> 13);
}

function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}
