/** What holds for every named list of an IR and for every list of opaque annotations (spec/schema 5, row 53). */
import { compareBytes } from "../digest/digest.ts";
import { isTypedAnnotation } from "./declaration.ts";

/** Names strictly ascending, which rules out duplicates too. */
export function verifyNames(list: readonly { readonly name: string }[]): readonly string[] {
  return list.flatMap((each, index) => {
    const before = list[index - 1];
    const ordered = before === undefined || compareBytes(before.name, each.name) < 0;
    return ordered ? [] : [`${each.name} is not in order`];
  });
}

/** Annotations with a typed meaning are never stored as they stand. */
export function verifyAnnotations(
  owner: string,
  annotations: readonly { readonly name: string }[],
): readonly string[] {
  return annotations
    .filter((each) => isTypedAnnotation(each.name))
    .map((each) => `${owner} stores @${each.name} as an opaque annotation`);
}
