/**
 * FewTexts: the distinct texts of a load, as long as they are few. So a small load can look up exactly its own values
 * in a big table; a big load keeps none of them and scans.
 */
import { LOOKUP_VALUES_MAX } from "./limits.ts";

export interface FewTexts {
  add(text: string): void;
  /** Null once there were too many. */
  all(): readonly string[] | null;
}

export function createFewTexts(): FewTexts {
  let texts: Set<string> | null = new Set();
  return {
    add(text) {
      if (texts === null || texts.has(text)) return;
      texts.add(detached(text));
      if (texts.size > LOOKUP_VALUES_MAX) texts = null;
    },
    all: () => (texts === null ? null : [...texts]),
  };
}

/** A copy that does not keep the much longer text alive that it was cut from. */
function detached(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
