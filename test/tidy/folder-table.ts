/** The table of folders and allowed imports in lib/README.md: the document is the rule, so the two cannot disagree. */
import type { SourceTree } from "./source-tree.ts";

export interface FolderTable {
  /** The folders of lib that each folder may import from, itself included. */
  readonly allowed: ReadonlyMap<string, ReadonlySet<string>>;
  /** The folders of which only the files directly inside may be imported, by importing folder. */
  readonly portOnly: ReadonlyMap<string, ReadonlySet<string>>;
  /** The folders that hold no promise, clock, randomness, environment or file. */
  readonly pure: ReadonlySet<string>;
}

/** Reads the table; throws if the document has lost it, because every rule about folders would pass then. */
export function readFolderTable(tree: SourceTree): FolderTable {
  const readme = tree.find("lib/README.md")?.text ?? "";
  const allowed = new Map<string, ReadonlySet<string>>();
  const portOnly = new Map<string, ReadonlySet<string>>();
  for (const row of readme.split("\n").filter((line) => line.startsWith("| `"))) {
    const cells = row.split("|").map((cell) => cell.trim());
    const folders = [...(cells[1] ?? "").matchAll(/`([a-z/]+?)\/`/g)].map((match) => match[1] ?? "");
    const targets = cells[3] ?? "";
    const above = [...allowed.keys()];
    const names = targets === "-" ? [] : targets.split(/,\s*/);
    const listed = names.flatMap((name) => (name === "all above" ? above : [name.replace(/ \(port\)$/, "")]));
    for (const folder of folders) {
      allowed.set(folder, new Set([folder, ...listed]));
      portOnly.set(
        folder,
        new Set(names.filter((name) => name.endsWith(" (port)")).map((name) => name.slice(0, -7))),
      );
    }
  }
  const pure = /`lib\/\{([a-z,]+)\}` is pure/.exec(readme)?.[1]?.split(",") ?? [];
  if (allowed.size === 0 || pure.length === 0) {
    throw new Error("lib/README.md no longer holds the table of folders and the list of pure folders");
  }
  return { allowed, portOnly, pure: new Set(pure) };
}

/** The folder of lib that `path` is in, or an empty text. */
export function libFolder(path: string): string {
  const parts = path.split("/");
  return parts[0] === "lib" && parts.length > 2 ? (parts[1] ?? "") : "";
}

/** The adapters: the only folders of lib that may touch the world or catch what it throws. */
export function isAdapter(path: string): boolean {
  return /^lib\/(file|memory|aws|engine\/lance)\//.test(path);
}

/** The smallest document with a table, for planted trees. */
export const PLANTED_README = [
  "| `digest/` | digests | - |",
  "| `ports/` | contracts | digest |",
  "| `policy/` | policies | digest |",
  "| `engine/` | the port | digest, ports |",
  "| `plan/` | plans | policy, engine (port) |",
  "| `apply/` | the protocol | all above |",
  "| `file/` `memory/` | adapters | digest, ports |",
  "",
  "`lib/{policy,plan}` is pure.",
].join("\n");
