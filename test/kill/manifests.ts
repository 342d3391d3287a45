/** The manifests of a folder, read from its files and held against the history. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { storedHistory } from "./history.ts";

/** Every JSON document directly in a folder. */
export function documentsIn<Document>(folder: string): readonly Document[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

export interface ManifestFacts {
  readonly graph: string;
  readonly version: number;
  readonly cause: string;
  readonly operation_id: string;
}

export function manifestsOf(folder: string): readonly ManifestFacts[] {
  const graphs = join(folder, "graphs");
  return readdirSync(graphs).flatMap((graph) =>
    documentsIn<ManifestFacts>(join(graphs, graph, "__manifest")),
  );
}

/** What only a run under the lease publishes. */
const ANNOUNCED = new Set(["create", "migrate", "remove", "restore"]);

/** A1, K4: whatever moved a graph under the lease was announced by a begin commit that is history. */
export function effectProblems(folder: string): readonly string[] {
  const begun = new Set(
    storedHistory(folder)
      .filter(({ receipt }) => receipt.kind === "begin")
      .flatMap(({ receipt }) => receipt.changes.map((each) => each.operation_id)),
  );
  return manifestsOf(folder)
    .filter(({ cause, operation_id }) => ANNOUNCED.has(cause) && !begun.has(operation_id))
    .map(
      ({ graph, version, cause }) => `version ${version} of ${graph} is a ${cause} that no commit announced`,
    );
}
