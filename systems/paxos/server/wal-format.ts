import { crc32c } from './crc32c.js';

/**
 * A record on disk: length of the payload (u32) | CRC-32C over the rest (u32) | sequence number (u48) | type (u16) | payload.
 * All big-endian. Sequence numbers start at 1 and have no gaps, so a record that is lost in the middle shows as well.
 */
export const HEADER_BYTES = 16;
/** A larger payload is never written, so where one is read that says it is larger, there is garbage. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** The payload is JSON: an array of what one persist effect writes, or a part of it if all would be too much for one record. */
export const TYPE_RECORDS = 1;
/** In the file of a snapshot: a part, as it is; and after all parts the end, JSON. */
export const TYPE_PART = 2;
export const TYPE_END = 3;

/** Encodes one record. Throws RangeError for a payload above MAX_PAYLOAD_BYTES: written and acknowledged it would be garbage to the next start. */
export function encodeRecord(seq: number, type: number, payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  if (length > MAX_PAYLOAD_BYTES) throw new RangeError(`a record of ${length} bytes is above the limit of ${MAX_PAYLOAD_BYTES}`);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUIntBE(seq, 8, 6);
  bytes.writeUInt16BE(type, 14);
  bytes.write(payload, HEADER_BYTES);
  bytes.writeUInt32BE(crc32c(bytes, 8), 4);
  return bytes;
}

/**
 * The payloads for what is written together, in order: one array, or several where one would be above MAX_PAYLOAD_BYTES. Only a single element can be larger still, and encodeRecord refuses
 * it: nodes send each other no message, and clients no command, of that size. Each element is made into text by itself, as JSON: a string ends at half a gigabyte.
 */
export function payloadsOf<T>(elements: readonly T[], textOf: (element: T) => string = JSON.stringify): readonly string[] {
  // A single element is never divided, whatever its size.
  if (elements.length === 1) return [`[${textOf(elements[0] as T)}]`];
  const payloads: string[] = [];
  let [texts, bytes]: [string[], number] = [[], 0];
  for (const element of elements) {
    const text = textOf(element);
    // With the bracket or the comma before it, and the bracket that may end it.
    const more = Buffer.byteLength(text) + 1;
    if (texts.length > 0 && bytes + more + 1 > MAX_PAYLOAD_BYTES) {
      payloads.push(`[${texts.join(',')}]`);
      [texts, bytes] = [[], 0];
    }
    texts.push(text);
    bytes += more;
  }
  return [...payloads, `[${texts.join(',')}]`];
}

export interface DecodedRecord {
  readonly seq: number;
  readonly type: number;
  readonly payload: Buffer;
  /** Offset of the byte after it. */
  readonly end: number;
}

/** The record at an offset, or undefined if there is none that is whole and whose checksum is right. */
export function decodeRecord(bytes: Buffer, offset: number): DecodedRecord | undefined {
  if (offset + HEADER_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32BE(offset);
  const end = offset + HEADER_BYTES + length;
  if (length > MAX_PAYLOAD_BYTES || end > bytes.length) return undefined;
  if (crc32c(bytes, offset + 8, end) !== bytes.readUInt32BE(offset + 4)) return undefined;
  return { seq: bytes.readUIntBE(offset + 8, 6), type: bytes.readUInt16BE(offset + 14), payload: bytes.subarray(offset + HEADER_BYTES, end), end };
}

/** What a log file holds. */
export type LogScan =
  | { readonly kind: 'whole'; readonly records: readonly DecodedRecord[] }
  /** Valid up to `validBytes`; what follows was being written when the process or the machine stopped, and was never acknowledged. */
  | { readonly kind: 'torn'; readonly records: readonly DecodedRecord[]; readonly validBytes: number }
  /** A bad place with valid records after it: the disk lost or changed what had been written. */
  | { readonly kind: 'corrupt'; readonly records: readonly DecodedRecord[]; readonly badOffset: number; readonly laterSeq: number };

/**
 * Tells a torn tail from corruption (Protocol-Aware Recovery, FAST'18): a bad record is torn only if nothing valid
 * comes after it. Records that went to the disk with one write may be torn apart anywhere, so the tail is searched byte by byte.
 */
export function scanLog(bytes: Buffer): LogScan {
  const records: DecodedRecord[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const record = decodeRecord(bytes, offset);
    if (record === undefined || record.seq !== records.length + 1) break;
    records.push(record);
    offset = record.end;
  }
  if (offset === bytes.length) return { kind: 'whole', records };
  for (let at = offset; at + HEADER_BYTES <= bytes.length; at++) {
    const later = decodeRecord(bytes, at);
    // At the bad place itself only a wrong sequence number can be: a lost or repeated record.
    if (later !== undefined && later.seq > 0) return { kind: 'corrupt', records, badOffset: offset, laterSeq: later.seq };
  }
  return { kind: 'torn', records, validBytes: offset };
}
