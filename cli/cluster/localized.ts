/**
 * A document of a deployment as it is on this machine: where it names the copy of the config folder that the deployment
 * keeps (`bundle:<digest>`), the folder as it was typed.
 */
import { joinPath } from "../../lib/config/bundle-path.ts";

const COPY = /bundle:[0-9a-f]{12}(\/?)/g;

export function localized<Document>(document: Document, configDir: string): Document {
  const inside = joinPath(configDir, "x").slice(0, -1);
  const text = (found: string) =>
    found.replace(COPY, (_copy, slash: string) => (slash === "" ? configDir : inside));
  const walked = walk(document, text) as Document;
  return isRecord(walked) && "config_dir" in walked ? { ...walked, config_dir: configDir } : walked;
}

/** The same for the answer of a load: the file that was typed, where the deployment names what was uploaded. */
export function localizedUpload<Document>(document: Document, uploadId: string, file: string): Document {
  const upload = new RegExp(`inbox/[a-z0-9-]+/(?:loads/)?${uploadId}(?:\\.jsonl)?`, "g");
  return walk(document, (found) => found.replace(upload, () => file)) as Document;
}

function walk(value: unknown, text: (found: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((each) => walk(each, text));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, text)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
