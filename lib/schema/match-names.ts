/**
 * Which accepted name each desired name continues (spec/schema 6.4): the same name, else the hinted one, else none.
 *
 * One algorithm for the types of a kind and for the properties of a type. A hint that an equal name shadows is
 * ignored, except when the hinted name would be dropped: then the hint is a mistake that loses data, and is refused
 * (spec/schema 10.18).
 */
import type { RenameHint } from "./rename-hints.ts";

export interface DesiredName {
  readonly name: string;
  readonly hint: RenameHint | null;
}

export type NameNote = { readonly tag: "ignored"; readonly name: string; readonly hint: RenameHint };

export type NameFault =
  | { readonly tag: "unknown"; readonly name: string; readonly hint: RenameHint }
  | { readonly tag: "shadowed"; readonly name: string; readonly hint: RenameHint }
  | { readonly tag: "claimed_twice"; readonly name: string; readonly accepted: string };

export interface NameMatches {
  /** Desired name to the accepted name that it continues; new names are missing. */
  readonly continued: ReadonlyMap<string, string>;
  readonly notes: readonly NameNote[];
  readonly faults: readonly NameFault[];
}

export function matchNames(desired: readonly DesiredName[], accepted: ReadonlySet<string>): NameMatches {
  const continued = new Map<string, string>();
  const claims = new Map<string, string>();
  const faults: NameFault[] = [];
  for (const { name, hint } of desired) {
    const source = accepted.has(name) ? name : (hint?.from ?? null);
    if (source === null) continue;
    if (hint !== null && !accepted.has(source)) faults.push({ tag: "unknown", name, hint });
    else if (claims.has(source)) faults.push({ tag: "claimed_twice", name, accepted: source });
    else {
      claims.set(source, name);
      continued.set(name, source);
    }
  }
  const notes: NameNote[] = [];
  for (const { name, hint } of desired) {
    if (hint === null || !accepted.has(name)) continue;
    if (accepted.has(hint.from) && !claims.has(hint.from)) faults.push({ tag: "shadowed", name, hint });
    else notes.push({ tag: "ignored", name, hint });
  }
  return { continued, notes, faults };
}
