/**
 * A hard drop removes bytes, not only a name: a value that cannot be compressed is looked for in every file of the
 * graph (design 6). A soft drop keeps them, which also proves that the search can find them.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../../lib/digest/ids.ts";
import { createEngine } from "../../../lib/engine/create-engine.ts";
import type { Engine } from "../../../lib/engine/engine.ts";
import { SYSTEM_CLOCK } from "../../../lib/file/clock.ts";
import { createUlids } from "../../../lib/file/ids.ts";
import { openFileRoot } from "../../../lib/file/open-root.ts";
import { SILENT_LOG } from "../../../lib/ports/log.ts";
import { filesContaining, type LanceFolder, lanceFolder } from "./lance-folder.ts";

const GRAPH = "people" as GraphId;
const WITH_SECRET = "node Person {\n  name: String @key\n  secret: String?\n}\n";
const WITHOUT_SECRET = "node Person {\n  name: String @key\n}\n";
const SENTINEL = randomBytes(48).toString("base64url");

const ids = createUlids();
let folder: LanceFolder;
let engine: Engine;
beforeEach(async () => {
  folder = await lanceFolder();
  engine = createEngine({
    store: openFileRoot(folder.root).store,
    tables: folder.tables,
    clock: SYSTEM_CLOCK,
    ids,
    log: SILENT_LOG,
  });
  const created = await engine.create({
    ...attribution(0),
    schema_source: WITH_SECRET,
    incarnation: ids.next() as IncarnationId,
  });
  expect(created.tag).toBe("done");
  await load({ type: "Person", data: { name: "Ada", secret: SENTINEL } });
  await load({ type: "Person", data: { name: "Grace", secret: "plain" } });
});
afterEach(() => folder.remove());

it("leaves no byte of a hard-dropped column in any file of the graph", async () => {
  expect(await files()).not.toEqual([]);
  const migrated = await migrate({ data_loss: true });
  expect(migrated.tag).toBe("done");
  expect(await files()).toEqual([]);
  expect(await exported()).toEqual([person("Ada"), person("Grace")]);
});

it("keeps the bytes of a soft-dropped column until a purge, and then leaves none", async () => {
  expect((await migrate({ data_loss: false })).tag).toBe("done");
  expect(await exported()).toEqual([person("Ada"), person("Grace")]);
  expect(await files()).not.toEqual([]);
  expect((await migrate({ data_loss: true })).tag).toBe("done");
  expect(await files()).toEqual([]);
  expect(await exported()).toEqual([person("Ada"), person("Grace")]);
});

function files(): Promise<readonly string[]> {
  return filesContaining(join(folder.root, "graphs"), SENTINEL);
}

function person(name: string) {
  return { type: "Person", data: { id: name, name } };
}

async function migrate(options: { readonly data_loss: boolean }) {
  return engine.migrate({ ...attribution(await headVersion()), schema_source: WITHOUT_SECRET, ...options });
}

async function load(row: object): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(row)}\n`);
  const open = async function* () {
    yield bytes;
  };
  const { expect: _version, ...request } = attribution(0);
  const loaded = await engine.load({ ...request, mode: "append", open, source_name: "rows.jsonl" });
  expect(loaded).toMatchObject({ tag: "done" });
}

async function headVersion(): Promise<number> {
  const observation = await engine.observe(GRAPH);
  return "head" in observation ? observation.head.version : 0;
}

async function exported(): Promise<readonly unknown[]> {
  const outcome = await engine.export({ graph: GRAPH });
  const rows: unknown[] = [];
  if (outcome.tag === "exporting") for await (const line of outcome.lines) rows.push(JSON.parse(line));
  return rows;
}

function attribution(version: number) {
  return {
    graph: GRAPH,
    expect: version,
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
    actor: "ada",
  };
}
