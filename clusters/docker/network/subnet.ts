/** An IPv4 network: first address and length of the prefix. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** `10.1.2.0/24`; undefined for what is no IPv4 network. */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text.trim());
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || prefix > 32) return undefined;
  return { base: maskTo(((a << 24) | (b << 16) | (c << 8) | d) >>> 0, prefix), prefix };
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** The address with a number within a network. */
export function addressIn({ base }: Subnet, number: number): string {
  return formatAddress((base + number) >>> 0);
}

export function overlap(a: Subnet, b: Subnet): boolean {
  const prefix = Math.min(a.prefix, b.prefix);
  return maskTo(a.base, prefix) === maskTo(b.base, prefix);
}

/** The networks of this machine's routes, as /proc/net/route shows them; the default route is none. */
export function parseRoutes(text: string): readonly Subnet[] {
  return text.split('\n').slice(1).flatMap((line) => {
    const fields = line.split('\t');
    const [destination, mask] = [fields[1], fields[7]].map((hex) => littleEndian(hex ?? ''));
    if (destination === undefined || mask === undefined || mask === 0) return [];
    const prefix = mask.toString(2).split('1').length - 1;
    return [{ base: maskTo(destination, prefix), prefix }];
  });
}

/** Networks of 254 addresses that a run may take, in an order that `start` (any whole number) decides: private ones that few others use. */
export function* candidates(start: number): Generator<Subnet> {
  // 10.200.0.0 to 10.254.255.0: 55 × 256 networks; a stride that is prime to their number visits each once.
  const count = 55 * 256;
  for (let i = 0; i < count; i++) {
    const at = (Math.abs(start) + i * 7919) % count;
    yield { base: ((10 << 24) | ((200 + Math.floor(at / 256)) << 16) | ((at % 256) << 8)) >>> 0, prefix: 24 };
  }
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

function maskTo(address: number, prefix: number): number {
  return prefix === 0 ? 0 : (address & (0xffffffff << (32 - prefix))) >>> 0;
}

function littleEndian(hex: string): number | undefined {
  if (!/^[0-9A-Fa-f]{8}$/.test(hex)) return undefined;
  return Buffer.from(hex, 'hex').readUInt32LE(0);
}
