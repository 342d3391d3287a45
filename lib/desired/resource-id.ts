/** Names of resources: the grammar that all must obey, and the narrower one that a server asks of graphs. */
import { type Diagnostic, diagnostic, type SourcePosition } from "../diagnostic/diagnostic.ts";
import { isResourceId } from "../digest/ids.ts";

/** A complaint if `name` breaks the grammar of spec/cluster 1.3. */
export function checkResourceId(name: string, path: string, source: SourcePosition): readonly Diagnostic[] {
  if (isResourceId(name)) return [];
  const message = `\`${name}\` is not a legal name.`;
  return [diagnostic("invalid_resource_id", { path, message, source })];
}

const SERVABLE_ID = /^[A-Za-z0-9-]{1,64}$/;
/** Path segments that the server uses itself. */
const SERVER_NAMES: ReadonlySet<string> = new Set(["policies", "healthz", "openapi", "graphs"]);

/** A warning if a legal graph id would be refused by the server later (spec/cluster 12.3, W23). */
export function checkServableId(id: string, source: SourcePosition): readonly Diagnostic[] {
  if (!isResourceId(id) || (SERVABLE_ID.test(id) && !SERVER_NAMES.has(id))) return [];
  const path = `graphs.${id}`;
  const message = `The graph \`${id}\` can be applied, but a server will refuse its id.`;
  return [diagnostic("graph_id_not_servable", { path, message, source })];
}
