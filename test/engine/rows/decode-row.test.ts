/** One line against its type: every value rule and every identity rule of spec/schema 3.1, 4.1 and 9. */
import { describe, expect, it } from "vitest";
import { readRow } from "../../../lib/engine/rows/read-row.ts";
import { graphShape } from "../../../lib/engine/rows/row-shape.ts";
import type { Cell } from "../../../lib/engine/tables.ts";
import { schemaOf } from "./schema-of.ts";

const VALUES = graphShape(
  schemaOf([
    {
      name: "Probe",
      properties: {
        i32: "I32?",
        u32: "U32?",
        i64: "I64?",
        u64: "U64?",
        f32: "F32?",
        f64: "F64?",
        day: "Date?",
        moment: "DateTime?",
        text: "String?",
        flag: "Bool?",
        blob: "Blob?",
        vec: "Vector(3)?",
        color: "enum(red,green)?",
        tags: "[String]?",
        ints: "[I32]?",
      },
    },
  ]),
);
const PROBE = VALUES.nodes.get("Probe")!;

function read(property: string, json: string) {
  return readRow(VALUES, `{"type":"Probe","data":{"${property}":${json}}}`);
}

function cell(property: string, json: string): Cell | undefined {
  const outcome = read(property, json);
  expect(outcome.faults).toEqual([]);
  return outcome.row?.cells[PROBE.index.get(property)!];
}

describe("values that fit (spec/schema 3.1)", () => {
  it.each<[string, string, Cell]>([
    ["i32", "-2147483648", -2147483648],
    ["i32", "1e3", 1000],
    ["i32", "-0", 0],
    ["i32", "12.0", 12],
    ["u32", "4294967295", 4294967295],
    ["i64", "9223372036854775807", 9223372036854775807n],
    ["i64", '"-9223372036854775808"', -9223372036854775808n],
    ["u64", "18446744073709551615", 18446744073709551615n],
    ["u64", "1.8446744073709551615e19", 18446744073709551615n],
    ["f32", "0.1", Math.fround(0.1)],
    ["f64", "1e308", 1e308],
    ["day", '"2024-02-29"', 19782],
    ["day", "19782", 19782],
    ["moment", '"2024-02-29T12:00:00Z"', 1709208000000],
    ["moment", '"2024-02-29T13:30:00.250+01:30"', 1709208000250],
    ["moment", '"2024-02-29T12:00Z"', 1709208000000],
    ["moment", "1709208000250", 1709208000250],
    ["flag", "false", false],
    ["blob", '"base64:AQI="', new Uint8Array([1, 2])],
    ["vec", "[1, 2.5, -3]", Float32Array.from([1, 2.5, -3])],
    ["color", '"red"', "red"],
    ["tags", '["a",""]', ["a", ""]],
    ["text", "null", null],
  ])("reads %s %s exactly", (property, json, expected) => {
    expect(cell(property, json)).toEqual(expected);
  });
});

describe("values that do not fit (spec/schema 9)", () => {
  it.each([
    ["i32", "2147483648", "load_number_out_of_range", "Probe.i32 expects an integer (I32)"],
    ["i32", '"7"', "load_wrong_type", 'Probe.i32 expects an integer (I32), got "7"'],
    ["i32", "1.5", "load_wrong_type", "got 1.5"],
    ["u32", "-1", "load_number_out_of_range", "-1 is outside its range"],
    ["i64", "9223372036854775808", "load_number_out_of_range", "9223372036854775808"],
    ["i64", "900719925474099.01", "load_wrong_type", "900719925474099.01"],
    ["u64", '"007"', "load_wrong_type", '"007"'],
    ["u64", "1e999999", "load_number_out_of_range", "1e999999"],
    ["f32", "3.5e38", "load_number_out_of_range", "a finite number (F32)"],
    ["f64", "1e999", "load_number_out_of_range", "a finite number (F64)"],
    ["f64", '"NaN"', "load_wrong_type", "a number (F64)"],
    ["day", '"2023-02-29"', "load_wrong_type", "there is no such day"],
    ["day", '"29/02/2024"', "load_wrong_type", "YYYY-MM-DD"],
    ["day", "2932897", "load_number_out_of_range", "a date"],
    ["moment", '"2024-02-29T12:00:00"', "load_wrong_type", "no offset"],
    ["moment", '"2024-02-29T12:00:00.0001Z"', "load_wrong_type", "finer than a millisecond"],
    ["moment", '"2024-02-29T24:00:00Z"', "load_wrong_type", "no such time"],
    ["moment", '"0000-01-01T00:00:00+01:00"', "load_wrong_type", "0000 to 9999"],
    ["flag", "1", "load_wrong_type", "true or false"],
    ["text", "5", "load_wrong_type", "text (String), got 5"],
    ["blob", '"https://example.org/x"', "load_external_blob", "outside the graph"],
    ["blob", '"base64:AQI"', "load_wrong_type", "padded standard Base64"],
    ["blob", '"base64:AQJ="', "load_wrong_type", "padded standard Base64"],
    ["vec", "[1,2]", "load_vector_length", "expects 3 dimensions, got 2"],
    ["vec", '[1,"2",3]', "load_wrong_type", "elements must be numeric"],
    ["vec", "[1,2,1e39]", "load_number_out_of_range", "Probe.vec[2]"],
    [
      "color",
      '"gren"',
      "load_enum_value",
      "invalid enum value 'gren' for Probe.color; it allows green, red. Did you mean 'green'?",
    ],
    ["tags", '["a",null]', "load_wrong_type", "Probe.tags[1] expects text (String), got null"],
    ["ints", "[1,2147483648]", "load_number_out_of_range", "Probe.ints[1]"],
    ["ints", "7", "load_wrong_type", "an array"],
  ])("refuses %s %s and points at the value", (property, json, code, message) => {
    const { faults } = read(property, json);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({
      code,
      column: '{"type":"Probe","data":{"":'.length + property.length + 1,
    });
    expect(faults[0]?.message).toContain(message);
  });
});

const PEOPLE = graphShape(
  schemaOf(
    [
      {
        name: "Person",
        properties: { email: "String", age: "I64?", nick: "String?", scores: "[I32]?", height: "F32?" },
        key: ["email"],
        range: {
          age: [{ Integer: 9007199254740993n }, null],
          scores: [null, { Integer: 5n }],
          height: [null, { Float: 0.1 }],
        },
        check: { nick: "b+" },
      },
      { name: "Note", properties: { body: "String" } },
      { name: "Slot", properties: { row: "I32", on: "Date" }, key: ["on", "row"] },
      { name: "Counter", properties: { number: "U64" }, key: ["number"] },
    ],
    [{ name: "WorksWith", from: "Person", to: "Counter", properties: { since: "Date" } }],
  ),
);

function codes(line: string): readonly string[] {
  return readRow(PEOPLE, line).faults.map((fault) => fault.code);
}

function faultText(line: string): string {
  return readRow(PEOPLE, line)
    .faults.map((fault) => fault.message)
    .join("\n");
}

describe("a row against its type (spec/schema 9)", () => {
  it("reports every fault of a line at once", () => {
    const line = '{"type":"Person","data":{"age":"x","nikc":"b","nick":"z"}}';
    expect(codes(line)).toEqual([
      "load_unknown_property",
      "load_missing_property",
      "load_wrong_type",
      "load_check_violation",
    ]);
    expect(faultText(line)).toContain("Did you mean 'nick'?");
    expect(faultText(line)).toContain("non-nullable property Person.email is missing");
  });

  it("refuses null for a required property", () => {
    expect(faultText('{"type":"Note","data":{"body":null}}')).toContain(
      "non-nullable property Note.body is null",
    );
  });

  it("compares 64-bit values with @range bounds exactly", () => {
    expect(codes('{"type":"Person","data":{"email":"a","age":9007199254740993}}')).toEqual([]);
    expect(faultText('{"type":"Person","data":{"email":"a","age":9007199254740992}}')).toContain(
      "@range violation on Person.age",
    );
  });

  it("checks every item of a list against @range", () => {
    expect(faultText('{"type":"Person","data":{"email":"a","scores":[5,6]}}')).toContain(
      "@range violation on Person.scores[1]",
    );
  });

  it("lets a 32-bit float that is written like the bound pass", () => {
    expect(codes('{"type":"Person","data":{"email":"a","height":0.1}}')).toEqual([]);
    expect(codes('{"type":"Person","data":{"email":"a","height":0.10001}}')).toEqual([
      "load_range_violation",
    ]);
  });

  it("searches for a @check pattern anywhere in the text", () => {
    expect(codes('{"type":"Person","data":{"email":"a","nick":"abbc"}}')).toEqual([]);
    expect(faultText('{"type":"Person","data":{"email":"a","nick":"xyz"}}')).toContain(
      "@check violation on Person.nick",
    );
  });

  it.each([
    ['{"type":"Persn","data":{}}', "load_unknown_type", "Did you mean 'Person'?"],
    ['{"edge":"WorkWith","from":"a","to":1,"data":{}}', "load_unknown_type", "Did you mean 'WorksWith'?"],
    ['{"type":"Note"}', "load_line_shape", 'no "data"'],
    ['{"type":"Note","data":[]}', "load_line_shape", "instead of an object"],
    ['{"data":{}}', "load_line_shape", "neither"],
    ['{"type":"Note","edge":"WorksWith","data":{}}', "load_line_shape", "both"],
    ['{"type":"Note","data":{"body":"x"},"Data":{}}', "load_line_shape", '"Data"'],
    ["[1]", "load_line_shape", "instead of an object"],
    ['{"edge":"WorksWith","to":1,"data":{"since":0}}', "load_line_shape", '"from"'],
  ])("refuses the frame of %s", (line, code, message) => {
    expect(codes(line)).toEqual([code]);
    expect(faultText(line)).toContain(message);
  });
});

describe("node identity (spec/schema 4.1)", () => {
  const identity = (line: string) => readRow(PEOPLE, line).row?.id;

  it("is the canonical text of a single key", () => {
    expect(identity('{"type":"Person","data":{"email":"x@y"}}')).toBe("x@y");
    expect(identity('{"type":"Counter","data":{"number":18446744073709551615}}')).toBe(
      "18446744073709551615",
    );
  });

  it("is a JSON array ordered by property id for several keys", () => {
    expect(identity('{"type":"Slot","data":{"on":"1970-01-03","row":7}}')).toBe('["7","2"]');
  });

  it("is the id that a line without a key gives, or null for a new one", () => {
    expect(identity('{"type":"Note","data":{"id":"n1","body":"x"}}')).toBe("n1");
    expect(identity('{"type":"Note","data":{"body":"x"}}')).toBeNull();
    expect(codes('{"type":"Note","data":{"id":"","body":"x"}}')).toEqual(["load_wrong_type"]);
  });

  it.each([
    ['{"type":"Counter","data":{"id":"42","number":42}}', []],
    ['{"type":"Counter","data":{"id":42,"number":"42"}}', []],
    ['{"type":"Slot","data":{"id":["7","1970-01-03"],"on":2,"row":7}}', ["load_id_mismatch"]],
    ['{"type":"Slot","data":{"id":[7,"1970-01-03"],"on":2,"row":7}}', []],
    ['{"type":"Counter","data":{"id":"43","number":42}}', ["load_id_mismatch"]],
    ['{"type":"Person","data":{"id":"X@y","email":"x@y"}}', ["load_id_mismatch"]],
  ])("compares a given id with the key as values of its type: %s", (line, expected) => {
    expect(codes(line)).toEqual(expected);
  });

  it("reads endpoints in the spelling of the key or as the id itself", () => {
    const edge = (to: string) =>
      readRow(PEOPLE, `{"edge":"workswith","from":"x@y","to":${to},"data":{"since":1}}`);
    expect(edge("42").row).toMatchObject({ kind: "edge", src: "x@y", dst: "42", id: null });
    expect(edge('"42"').row).toMatchObject({ dst: "42" });
    expect(edge("true").faults[0]?.message).toContain('"to" expects the id of a Counter, got true');
  });

  it("still knows who a row with a bad value is", () => {
    const { row, faults } = readRow(PEOPLE, '{"type":"Person","data":{"email":"x@y","age":true}}');
    expect(faults).toHaveLength(1);
    expect(row?.id).toBe("x@y");
  });
});
