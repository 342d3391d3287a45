/** What is not as it should be, by resource: few one by one, many with the same fate in one line. */
import { parseAddress } from "../../lib/desired/address.ts";
import type { JsonValue, StatusRecord } from "../../lib/ledger/state.ts";
import type { Style } from "../style.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";

const LISTED_MAX = 4;
const NAMES_SHOWN_MAX = 3;

export interface Unsettled {
  readonly resource_digests: Readonly<Record<string, string>>;
  readonly resource_statuses: Readonly<Record<string, StatusRecord>>;
  readonly observations: Readonly<Record<string, JsonValue>>;
}

interface Entry {
  readonly address: string;
  readonly record: StatusRecord;
}

export function unsettledLines(raw: Unsettled, style: Style): readonly string[] {
  const { resource_digests, resource_statuses, observations } = raw;
  const output = printableFields({ resource_digests, resource_statuses, observations });
  const entries = Object.entries(output.resource_statuses)
    .map(([address, record]): Entry => ({ address, record }))
    .filter(({ record }) => record.status !== "applied");
  const absent = entries.filter((entry) => neverCreated(entry, output));
  const rest = entries.filter((entry) => !absent.includes(entry));
  const lines = [...grouped(rest).values()].flatMap((group) =>
    group.length <= LISTED_MAX
      ? group.map((entry) => oneLine(entry, output, style))
      : [manyLine(group, style)],
  );
  return [...absentLines(absent), ...lines];
}

function grouped(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) groups.set(fateOf(entry), [...(groups.get(fateOf(entry)) ?? []), entry]);
  return groups;
}

function fateOf({ record }: Entry): string {
  return `${record.status} (${record.conditions?.join(", ") ?? ""})`;
}

/** Declared, not there, and the ledger records nothing of the graph: not drift, only not done yet. */
function neverCreated({ address, record }: Entry, output: Unsettled): boolean {
  const graph = graphOf(address);
  if (graph === null || record.conditions?.includes("graph_missing") !== true) return false;
  return !Object.keys(output.resource_digests).some((each) => graphOf(each) === graph);
}

function graphOf(address: string): string | null {
  const parts = parseAddress(address);
  return parts?.kind === "graph" || parts?.kind === "schema" || parts?.kind === "query" ? parts.graph : null;
}

function absentLines(absent: readonly Entry[]): readonly string[] {
  const graphs = absent.map(({ address }) => address).filter((address) => address.startsWith("graph."));
  return graphs.length === 0
    ? []
    : [`  not there: ${graphs.join(", ")} (the next apply creates what is declared)`];
}

function oneLine({ address, record }: Entry, output: Unsettled, style: Style): string {
  const conditions = record.conditions?.length ? ` (${record.conditions.join(", ")})` : "";
  const reason = record.message ?? observedError(output.observations[address]);
  return `  ${style.yellow(record.status)} ${address}${conditions}${reason === null ? "" : `: ${reason}`}`;
}

function observedError(observation: JsonValue | undefined): string | null {
  if (typeof observation !== "object" || observation === null || !("error" in observation)) return null;
  return typeof observation["error"] === "string" ? observation["error"] : null;
}

function manyLine(group: readonly Entry[], style: Style): string {
  const { record } = group[0]!;
  const conditions = record.conditions?.length ? ` (${record.conditions.join(", ")})` : "";
  const names = group.slice(0, NAMES_SHOWN_MAX).map(({ address }) => address);
  return `  ${style.yellow(record.status)} ${count(group.length, "resource")}${conditions}: ${names.join(", ")}, ...`;
}
