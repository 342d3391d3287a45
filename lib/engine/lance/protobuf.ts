/**
 * The fields of one protobuf message, as they lie in its bytes: just enough to read and replace single fields of Lance's
 * manifests and leave everything else as it is.
 *
 * Guarantees: pure; null for bytes that are no message, never an exception (I1).
 */
export interface ProtobufField {
  readonly number: number;
  /** Value of a varint; null for every other kind of field, and beyond 2^53. */
  readonly integer: number | null;
  /** Content of a length-delimited field; null for every other kind. */
  readonly content: Uint8Array | null;
  /** The field with its tag, as it is. */
  readonly raw: Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;
const VARINT_BYTES_MAX = 10;

interface Varint {
  readonly value: number | null;
  readonly end: number;
}

function varintAt(bytes: Uint8Array, start: number): Varint | null {
  let value = 0n;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      const exact = value <= BigInt(Number.MAX_SAFE_INTEGER);
      return { value: exact ? Number(value) : null, end: start + index + 1 };
    }
  }
  return null;
}

/** The fields in their order, or null if the bytes are no message. */
export function fieldsOf(bytes: Uint8Array): readonly ProtobufField[] | null {
  const fields: ProtobufField[] = [];
  for (let start = 0; start < bytes.length; ) {
    const field = fieldAt(bytes, start);
    if (field === null) return null;
    fields.push(field);
    start += field.raw.length;
  }
  return fields;
}

function fieldAt(bytes: Uint8Array, start: number): ProtobufField | null {
  const tag = varintAt(bytes, start);
  if (tag === null || tag.value === null || tag.value < 8) return null;
  const number = Math.floor(tag.value / 8);
  const whole = (end: number) => (end <= bytes.length ? bytes.subarray(start, end) : null);
  const plain = (end: number, integer: number | null): ProtobufField | null => {
    const raw = whole(end);
    return raw === null ? null : { number, integer, content: null, raw };
  };
  const value = varintAt(bytes, tag.end);
  switch (tag.value % 8) {
    case VARINT:
      return value === null ? null : plain(value.end, value.value);
    case FIXED_64:
      return plain(tag.end + 8, null);
    case FIXED_32:
      return plain(tag.end + 4, null);
    case DELIMITED: {
      if (value === null || value.value === null) return null;
      const raw = whole(value.end + value.value);
      if (raw === null) return null;
      return { number, integer: null, content: bytes.subarray(value.end, value.end + value.value), raw };
    }
    default:
      return null;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

/** A length-delimited field. */
export function delimited(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([varint(number * 8 + DELIMITED), varint(content.length), content]);
}

/** The last value of a varint field, as protobuf reads it; null if it is not there. */
export function integerOf(fields: readonly ProtobufField[], number: number): number | null {
  return fields.findLast((each) => each.number === number)?.integer ?? null;
}

/** The text of a field; null if it is not there or no UTF-8. */
export function textOf(fields: readonly ProtobufField[], number: number): string | null {
  const content = fields.findLast((each) => each.number === number)?.content ?? null;
  if (content === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return null;
  }
}
