/** The type of a property as written to a PropType (spec/schema 3; section 5, rows 4 to 6). */
import { compareBytes } from "../digest/digest.ts";
import { VECTOR_DIMENSION_MAX } from "./limits.ts";
import { BASE_SCALARS, type BaseScalar, type PropType } from "./prop-type.ts";
import type { Reporter } from "./reporter.ts";
import type { PropertySyntax, Word } from "./syntax.ts";

/** `owner` names the property in messages: `Type.property`. A faulty type is reported and becomes a String. */
export function declareType(owner: string, syntax: PropertySyntax, reporter: Reporter): PropType {
  const { core, nullable } = syntax;
  switch (core.kind) {
    case "enum":
      return {
        scalar: "String",
        nullable,
        list: false,
        enum_values: declareEnum(owner, core.values, reporter),
      };
    case "vector":
      return {
        scalar: { Vector: declareDimension(owner, core.dimension, reporter) },
        nullable,
        list: false,
        enum_values: null,
      };
    case "base":
    case "list": {
      const list = core.kind === "list";
      const scalar = declareScalar(owner, core.name, reporter);
      if (list && scalar === "Blob")
        reporter.report("schema_list_of_blob", core.name, `a list of Blob is not supported (${owner})`);
      return { scalar, nullable, list, enum_values: null };
    }
  }
}

function declareScalar(owner: string, name: Word, reporter: Reporter): BaseScalar {
  const scalar = BASE_SCALARS.find((each) => each === name.text);
  if (scalar !== undefined) return scalar;
  const near = BASE_SCALARS.find((each) => each.toLowerCase() === name.text.toLowerCase());
  const advice = near === undefined ? "" : `; did you mean ${near}?`;
  reporter.report(
    "schema_type_unknown",
    name,
    `property ${owner} has the unknown type ${name.text}${advice}`,
  );
  return "String";
}

function declareEnum(owner: string, values: readonly Word[], reporter: Reporter): readonly string[] {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value.text)) {
      const message = `the enum of ${owner} has duplicate values: ${value.text}`;
      reporter.report("schema_enum_duplicate", value, message);
    }
    seen.add(value.text);
  }
  return [...seen].sort(compareBytes);
}

function declareDimension(owner: string, word: Word, reporter: Reporter): number {
  const dimension = Number(word.text);
  if (dimension >= 1 && dimension <= VECTOR_DIMENSION_MAX) return dimension;
  const fault = dimension < 1 ? "must be at least 1" : `exceeds maximum supported ${VECTOR_DIMENSION_MAX}`;
  reporter.report("schema_vector_dimension", word, `Vector dimension ${word.text} of ${owner} ${fault}`);
  return 1;
}
