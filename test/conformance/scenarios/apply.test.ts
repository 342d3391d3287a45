/** What apply does, command against folder (spec/cluster 8, 14.1). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/digest/digest.ts";
import {
  appliedFolder,
  BOOKS_SCHEMA,
  clusterFolder,
  LIBRARY,
  NARROWER_SCHEMA,
  type StateFile,
  WIDER_SCHEMA,
} from "./cluster-folder.ts";

const STATE = "__cluster/state.json";
const QUERY = `__cluster/resources/query/books/find_book/${sha256(LIBRARY["books.gq"]!)}.gq`;
const POLICY = `__cluster/resources/policy/readers/${sha256(LIBRARY["readers.yaml"]!)}.yaml`;
const EMPTY = JSON.stringify({ version: 1, state_revision: 1, applied_revision: { resources: {} } });
const YEAR_QUERY =
  "query find_book($title: String) {\n  match { $b: Book { title: $title } }\n  return { $b.year }\n}\n";

describe("apply before anything is there", () => {
  test("needs a ledger and names the command that makes one", async () => {
    const folder = clusterFolder();

    const refused = await folder.run("apply");

    expect(refused.ok).toBe(false);
    expect(refused.diagnostics).toMatchObject([
      { code: "state_missing", severity: "error", message: expect.stringContaining("cluster import") },
    ]);
    expect(refused.at("converged")).toBe(false);
    expect(folder.exists(STATE)).toBe(false);
    expect(folder.exists("graphs")).toBe(false);
  });

  test.each([
    ["an unknown key", { "cluster.yaml": `${LIBRARY["cluster.yaml"]}surprise: 1\n` }, "invalid_cluster_yaml"],
    ["a broken policy", { "readers.yaml": "version: 2\nrules: []\n" }, "policy_invalid"],
  ])("stops at a config with %s before the lock and creates nothing", async (_what, files, code) => {
    const folder = clusterFolder(files);

    const refused = await folder.run("apply");

    expect(refused.ok).toBe(false);
    expect(refused.codes).toContain(code);
    expect(folder.exists("__cluster")).toBe(false);
    expect(folder.exists("__graphform")).toBe(false);
  });
});

describe("the first apply", () => {
  test("creates the graph and everything that waits for it in one run", async () => {
    const folder = clusterFolder({ [STATE]: EMPTY });

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.at("changes")).toMatchObject([
      { resource: "graph.books", operation: "create", disposition: "applied" },
      { resource: "policy.readers", operation: "create", disposition: "applied" },
      { resource: "query.books.find_book", operation: "create", disposition: "applied" },
      { resource: "schema.books", operation: "create", disposition: "applied" },
    ]);
    expect(applied.at("applied_count")).toBe(4);
    expect(applied.at("deferred_count")).toBe(0);
    expect(applied.at("converged")).toBe(true);
    expect(applied.at("state_written")).toBe(true);
    expect(folder.read(QUERY)).toBe(LIBRARY["books.gq"]);
    expect(folder.read(POLICY)).toBe(LIBRARY["readers.yaml"]);
  });

  test("records digests, bindings, statuses and the config that it converged to", async () => {
    const folder = await appliedFolder();
    const plan = await folder.run("plan");

    const state = folder.json(STATE) as StateFile;

    const { resources, config_digest } = state.applied_revision;
    expect(config_digest).toBe(plan.at("desired_revision.config_digest"));
    expect(Object.keys(resources).sort()).toEqual(Object.keys(plan.at("resource_digests") as object).sort());
    expect(resources["graph.books"]?.["digest"]).toBe(plan.at('resource_digests["graph.books"]'));
    expect(resources["policy.readers"]).toEqual({
      digest: sha256(LIBRARY["readers.yaml"]!),
      applies_to: ["graph.books"],
    });
    for (const address of Object.keys(resources)) {
      expect(state.resource_statuses[address]).toEqual({ status: "applied" });
    }
  });

  test("leaves the ledger byte for byte as it is when it is repeated", async () => {
    const folder = await appliedFolder();
    const before = folder.read(STATE);

    const again = await folder.run("apply");

    expect(again.at("changes")).toEqual([]);
    expect(again.at("converged")).toBe(true);
    expect(again.at("state_written")).toBe(false);
    expect(folder.read(STATE)).toBe(before);
  });

  test("writes a config digest that changed without any resource", async () => {
    const folder = await appliedFolder();
    folder.write("cluster.yaml", LIBRARY["cluster.yaml"]!.replace("name: books", "name: reading-room"));

    const applied = await folder.run("apply");

    expect(applied.at("changes")).toEqual([]);
    expect(applied.at("converged")).toBe(true);
    expect(applied.at("state_written")).toBe(true);
  });
});

describe("a graph that cannot be created", () => {
  test("fails the run, blocks what waits for it, and leaves no intent because nothing moved (W36)", async () => {
    const folder = clusterFolder({ [STATE]: EMPTY, "graphs/books.omni/_schema.pg": "junk" });

    const failed = await folder.run("apply");

    expect(failed.ok).toBe(false);
    expect(failed.codes).toContain("graph_create_failed");
    expect(failed.at("converged")).toBe(false);
    expect(failed.change("graph.books")).toMatchObject({ disposition: "blocked" });
    expect(failed.change("query.books.find_book")).toMatchObject({
      disposition: "blocked",
      reason: "dependency_not_applied",
    });
    expect(failed.change("policy.readers")).toMatchObject({
      disposition: "blocked",
      reason: "dependency_not_applied",
    });
    expect(folder.intents()).toEqual([]);
    expect(failed.at('resource_statuses["graph.books"].status')).toBe("blocked");
  });

  test("is not adopted, even if it is healthy: refresh does that", async () => {
    const folder = clusterFolder({ [STATE]: EMPTY });
    await folder.create("books", BOOKS_SCHEMA);

    const failed = await folder.run("apply");
    await folder.run("refresh");
    const applied = await folder.run("apply");

    expect(failed.ok).toBe(false);
    expect(failed.codes).toContain("graph_create_failed");
    expect(applied.at("converged")).toBe(true);
  });

  test("does not keep other graphs from being created (W16)", async () => {
    const two = LIBRARY["cluster.yaml"]!.replace("graphs:\n", "graphs:\n  archive: { schema: books.pg }\n");
    const folder = clusterFolder({
      "cluster.yaml": two,
      [STATE]: EMPTY,
      "graphs/archive.omni/_schema.pg": "junk",
    });

    const applied = await folder.run("apply");

    expect(applied.change("graph.archive")).toMatchObject({ disposition: "blocked" });
    expect(applied.change("graph.books")).toMatchObject({ disposition: "applied" });
    expect(applied.change("query.books.find_book")).toMatchObject({ disposition: "applied" });
  });
});

describe("later applies", () => {
  test("keep the old payload of a query that changes", async () => {
    const folder = await appliedFolder();
    folder.write("books.gq", LIBRARY["books.gq"]!.replace(", $b.pages", ""));

    const applied = await folder.run("apply");

    expect(applied.at("converged")).toBe(true);
    expect(applied.change("query.books.find_book")).toMatchObject({ operation: "update" });
    expect(applied.change("graph.books")).toMatchObject({ operation: "update", disposition: "derived" });
    expect(folder.exists(QUERY)).toBe(true);
    expect(
      folder.exists(`__cluster/resources/query/books/find_book/${sha256(folder.read("books.gq"))}.gq`),
    ).toBe(true);
  });

  test("drop what is no longer declared from the ledger and keep its payload", async () => {
    const folder = await appliedFolder();
    folder.write(
      "cluster.yaml",
      "version: 1\nmetadata: { name: books }\ngraphs: { books: { schema: books.pg } }\n",
    );

    const applied = await folder.run("apply");

    expect(applied.at("converged")).toBe(true);
    const { resources } = (folder.json(STATE) as StateFile).applied_revision;
    expect(Object.keys(resources)).toEqual(["graph.books", "schema.books"]);
    expect(folder.exists(QUERY)).toBe(true);
    expect(folder.exists(POLICY)).toBe(true);
  });

  test("migrate the schema and apply a query that needs it in one run", async () => {
    const folder = await appliedFolder();
    folder.write("books.pg", WIDER_SCHEMA);
    folder.write("books.gq", YEAR_QUERY);

    const applied = await folder.run("apply");

    expect(applied.ok).toBe(true);
    expect(applied.at("converged")).toBe(true);
    expect(applied.change("schema.books")).toMatchObject({ operation: "update", disposition: "applied" });
    expect(applied.change("query.books.find_book")).toMatchObject({ disposition: "applied" });
    expect((await folder.run("plan")).at("changes")).toEqual([]);
  });

  test("fail loudly on an unsupported migration, leave no intent, and converge once it is taken back", async () => {
    const folder = await appliedFolder();
    folder.write("books.pg", NARROWER_SCHEMA);

    const failed = await folder.run("apply");
    folder.write("books.pg", BOOKS_SCHEMA);
    const repaired = await folder.run("apply");

    expect(failed.ok).toBe(false);
    expect(failed.diagnostics).toContainEqual(
      expect.objectContaining({ code: "schema_apply_failed", path: "schema.books" }),
    );
    expect(failed.at("converged")).toBe(false);
    expect(failed.at('resource_statuses["schema.books"].status')).toBe("blocked");
    expect(folder.intents()).toEqual([]);
    expect(repaired.at("converged")).toBe(true);
    expect(repaired.at('resource_statuses["schema.books"]')).toEqual({ status: "applied" });
  });

  test("record a change of bindings alone", async () => {
    const folder = await appliedFolder();
    const elsewhere = LIBRARY["cluster.yaml"]!.replace("applies_to: [books]", "applies_to: [cluster]");
    folder.write("cluster.yaml", elsewhere);

    const applied = await folder.run("apply");

    expect(applied.change("policy.readers")).toMatchObject({ binding_change: true, disposition: "applied" });
    expect(folder.json(STATE)).toMatchObject({
      applied_revision: { resources: { "policy.readers": { applies_to: ["cluster"] } } },
    });
  });

  test("block the delete of a graph, its schema and its queries until somebody approves it", async () => {
    const folder = await appliedFolder();
    folder.write("cluster.yaml", "version: 1\n");

    const applied = await folder.run("apply");

    expect(applied.at("converged")).toBe(false);
    for (const address of ["graph.books", "schema.books", "query.books.find_book"]) {
      expect(applied.change(address)).toMatchObject({ disposition: "blocked", reason: "approval_required" });
    }
    expect(applied.change("policy.readers")).toMatchObject({ operation: "delete", disposition: "applied" });
    expect(folder.exists("graphs/books.omni")).toBe(true);
  });
});
