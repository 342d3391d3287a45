/**
 * The fields of one protobuf message, as they lie in its bytes: just enough to read and replace single fields of Lance's
 * manifests and leave everything else as it is.
 *
 * Guarantees: pure; null for bytes that are no message, never an exception (I1).
 */
export interface ProtobufField {
  readonly number: number;
  /** Value of a varint; null for every other kind of field. */
  readonly integer: bigint | null;
  /** Content of a length-delimited field; null for every other kind. */
  readonly content: Uint8Array | null;
  /** The field with its tag, as it is. */
  readonly raw: Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;
/** Of the longest varint, by protobuf's encoding. */
const VARINT_BYTES = 10;

interface Varint {
  readonly value: bigint;
  readonly end: number;
}

function varintAt(bytes: Uint8Array, start: number): Varint | null {
  let value = 0n;
  for (let index = 0; index < VARINT_BYTES; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
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
  if (tag === null || tag.value < 8n || tag.value > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const number = Math.floor(Number(tag.value) / 8);
  const field = (begin: number, end: number, parts: Pick<ProtobufField, "integer" | "content">) =>
    end <= bytes.length ? { number, ...parts, raw: bytes.subarray(begin, end) } : null;
  const value = varintAt(bytes, tag.end);
  switch (Number(tag.value) % 8) {
    case VARINT:
      return value === null ? null : field(start, value.end, { integer: value.value, content: null });
    case FIXED_64:
      return field(start, tag.end + 8, { integer: null, content: null });
    case FIXED_32:
      return field(start, tag.end + 4, { integer: null, content: null });
    case DELIMITED: {
      if (value === null || value.value > BigInt(bytes.length)) return null;
      const end = value.end + Number(value.value);
      return field(start, end, { integer: null, content: bytes.subarray(value.end, end) });
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
export function integerOf(fields: readonly ProtobufField[], number: number): bigint | null {
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
