/** Step: what one step of a backup or a restore came to, or why the whole stops. */
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import { HeldBytes } from "./held-bytes.ts";
import { OBJECTS_AT_ONCE_MAX, PROBLEMS_SHOWN_MAX } from "./limits.ts";

export type Step<Value> =
  | { readonly tag: "done"; readonly value: Value }
  | { readonly tag: "stopped"; readonly diagnostics: readonly Diagnostic[] };

export type Stopped = Extract<Step<never>, { tag: "stopped" }>;

export function done<Value>(value: Value): Step<Value> {
  return { tag: "done", value };
}

export function stopped(code: DiagnosticCode, path: string, message: string): Stopped {
  return { tag: "stopped", diagnostics: [diagnostic(code, { path, message })] };
}

/** The first few of many, and how many more there are. */
export function someOf(items: readonly string[], shownMax = PROBLEMS_SHOWN_MAX): string {
  const shown = items.slice(0, shownMax).join(", ");
  const more = items.length - shownMax;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** What the work on an item holds in memory, and how much of that may be held at once. */
export interface Held<Item> {
  readonly bytesOf: (item: Item) => number;
  readonly bytes_max: number;
}

/** Does the work on each item, a few at once; the first that stops ends it, after those that have begun. */
export async function eachOf<Item>(
  items: readonly Item[],
  { bytesOf, bytes_max }: Held<Item>,
  work: (item: Item) => Promise<Step<unknown>>,
): Promise<Step<null>> {
  const pending = items[Symbol.iterator]();
  const held = new HeldBytes(bytes_max);
  let stop: Stopped | null = null;
  const worker = async (): Promise<void> => {
    for (let next = pending.next(); next.done !== true && stop === null; next = pending.next()) {
      const { value: item } = next;
      const step = await held.during(bytesOf(item), async () => stop ?? work(item));
      if (step.tag === "stopped") stop ??= step;
    }
  };
  await Promise.all(Array.from({ length: OBJECTS_AT_ONCE_MAX }, worker));
  return stop ?? done(null);
}
