/** How the opaque annotations of a type or property differ (spec/schema 7.2). */
import { compactJson } from "./compact-json.ts";
import type { Annotation } from "./ir.ts";

/** Descriptions and instructions change freely; every other annotation may mean something to someone. */
export function annotationChange(
  before: readonly Annotation[],
  after: readonly Annotation[],
): { readonly metadata: boolean; readonly opaque: boolean } {
  const differs = (metadata: boolean) =>
    compactJson(before.filter((each) => isMetadata(each) === metadata)) !==
    compactJson(after.filter((each) => isMetadata(each) === metadata));
  return { metadata: differs(true), opaque: differs(false) };
}

function isMetadata(annotation: Annotation): boolean {
  return annotation.name === "description" || annotation.name === "instruction";
}
