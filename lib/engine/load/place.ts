/** Which value of a line a person has to look at when the row clashes with others. */
import { atData, atLine, type FaultPlace } from "../rows/row-fault.ts";
import type { RowShape } from "../rows/row-shape.ts";
import type { UniqueRule } from "../rows/unique-rule.ts";

/** The first column of the key, else the id itself. */
export function idPlace(shape: RowShape): FaultPlace {
  const first = shape.kind === "node" ? shape.key?.[0] : undefined;
  const property = first === undefined ? undefined : shape.properties[first];
  return atData(property?.name ?? "id");
}

/** The first value of a unique tuple. */
export function rulePlace(shape: RowShape, rule: UniqueRule): FaultPlace {
  const column = rule.fields[0]?.column;
  if (column === "src") return atLine("from");
  if (column === "dst") return atLine("to");
  const property = shape.properties.find((each) => each.column.name === column);
  return atData(property?.name ?? "id");
}
