/** LeftExamples: values of the example that nobody can mean, and that are wrong without an error. Pure. */

const EXAMPLES: readonly (readonly [RegExp, string])[] = [
  [/111122223333/, "the account number of the example"],
  [/AROAEXAMPLE/, "the role id of the example"],
  [/^[^#]*@example\.com$/, "the address of the example"],
];

/** What of it is still in `value`, with the place. */
export function leftExamples(value: unknown, place = ""): readonly string[] {
  if (typeof value === "string") {
    const found = EXAMPLES.find(([example]) => example.test(value));
    return found === undefined ? [] : [`${place}: "${value}" has ${found[1]}; say your own`];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = place === "" ? key : `${place}.${key}`;
    const said = Array.isArray(value) ? [] : leftExamples(key, place);
    return [...said, ...leftExamples(inner, at)];
  });
}
