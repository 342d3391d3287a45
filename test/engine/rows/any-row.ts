/** Arbitrary cells of every property type of the language, and the JSON that a person would write for them. */
import fc from "fast-check";
import type { Cell } from "../../../lib/engine/tables.ts";

const DAY = fc.integer({ min: -719_528, max: 2_932_896 });
const MILLISECOND = fc.integer({ min: -719_528 * 86_400_000, max: 2_932_897 * 86_400_000 - 1 });
const FLOAT = fc.float({ noNaN: true, noDefaultInfinity: true });
const DOUBLE = fc.double({ noNaN: true, noDefaultInfinity: true });
const TEXT = fc.string({ unit: "binary", maxLength: 12 });

/** One nullable property for each type, and what its cells can be. */
export const EVERY_TYPE: Readonly<
  Record<string, { readonly type: string; readonly cell: fc.Arbitrary<Cell> }>
> = {
  text: { type: "String?", cell: TEXT },
  flag: { type: "Bool?", cell: fc.boolean() },
  small: { type: "I32?", cell: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
  unsigned: { type: "U32?", cell: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
  wide: { type: "I64?", cell: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  wide_unsigned: { type: "U64?", cell: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  single: { type: "F32?", cell: FLOAT },
  double: { type: "F64?", cell: DOUBLE },
  day: { type: "Date?", cell: DAY },
  moment: { type: "DateTime?", cell: MILLISECOND },
  bytes: { type: "Blob?", cell: fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)) },
  vector: {
    type: "Vector(3)?",
    cell: fc.array(FLOAT, { minLength: 3, maxLength: 3 }).map((items) => Float32Array.from(items)),
  },
  choice: { type: "enum(red,green,1st)?", cell: fc.constantFrom("red", "green", "1st") },
  texts: { type: "[String]?", cell: fc.array(TEXT, { maxLength: 3 }) },
  flags: { type: "[Bool]?", cell: fc.array(fc.boolean(), { maxLength: 3 }) },
  wides: { type: "[U64]?", cell: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 3 }) },
  singles: { type: "[F32]?", cell: fc.array(FLOAT, { maxLength: 3 }) },
  doubles: { type: "[F64]?", cell: fc.array(DOUBLE, { maxLength: 3 }) },
  days: { type: "[Date]?", cell: fc.array(DAY, { maxLength: 3 }) },
  moments: { type: "[DateTime]?", cell: fc.array(MILLISECOND, { maxLength: 3 }) },
};

export const EVERY_PROPERTY: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(EVERY_TYPE).map(([name, { type }]) => [name, type]),
);

/** The cells of one row, in the order of EVERY_TYPE; any of them may be null. */
export const ANY_CELLS: fc.Arbitrary<readonly Cell[]> = fc.tuple(
  ...Object.values(EVERY_TYPE).map(({ cell }) => fc.option(cell, { nil: null, freq: 6 })),
);
