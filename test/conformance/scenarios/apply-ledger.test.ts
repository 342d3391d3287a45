/** What apply records of providers, blob policies and ledgers of other tools (spec/cluster 7.2, 8.6, 14.1). */
import { describe, expect, test } from "vitest";
import {
  appliedFolder,
  BOOKS_SCHEMA,
  clusterFolder,
  LIBRARY,
  NARROWER_SCHEMA,
  type StateFile,
} from "./cluster-folder.ts";

const STATE = "__cluster/state.json";

describe("embedding providers and blob policies", () => {
  const PROVIDER = "providers: { embedding: { maker: { kind: mock, model: one } } }\n";
  const bound = (model: string) =>
    LIBRARY["cluster.yaml"]!.replace("    schema:", "    embedding_provider: maker\n    schema:") +
    PROVIDER.replace("one", model);
  const allowing = LIBRARY["cluster.yaml"]!.replace(
    "    schema:",
    "    external_blobs: { allow: [{ base: s3://pictures/covers/, scope: server_safe }] }\n    schema:",
  );

  test("are recorded with profile and binding", async () => {
    const folder = await appliedFolder({ "cluster.yaml": bound("one") });

    const { resources } = (folder.json(STATE) as StateFile).applied_revision;

    expect(resources["provider.embedding.maker"]).toMatchObject({
      embedding_profile: { kind: "mock", model: "one" },
    });
    expect(resources["graph.books"]).toMatchObject({ embedding_provider: "provider.embedding.maker" });
  });

  test("update the provider and derive the graph when the profile changes", async () => {
    const folder = await appliedFolder({ "cluster.yaml": bound("one") });
    folder.write("cluster.yaml", bound("two"));

    const applied = await folder.run("apply");

    expect(applied.change("provider.embedding.maker")).toMatchObject({
      operation: "update",
      disposition: "applied",
    });
    expect(applied.change("graph.books")).toMatchObject({ operation: "update", disposition: "derived" });
    expect(applied.at("converged")).toBe(true);
  });

  test("survive a refresh with their binding", async () => {
    const folder = await appliedFolder({ "cluster.yaml": bound("one") });

    const refreshed = await folder.run("refresh");

    expect(refreshed.ok).toBe(true);
    expect((folder.json(STATE) as StateFile).applied_revision.resources["graph.books"]).toMatchObject({
      embedding_provider: "provider.embedding.maker",
    });
    expect((await folder.run("plan")).at("changes")).toEqual([]);
  });

  test("go from allow to deny without touching the graph", async () => {
    const plain = await appliedFolder();
    const denied = (plain.json(STATE) as StateFile).applied_revision.resources["graph.books"];
    const folder = await appliedFolder({ "cluster.yaml": allowing });
    const allowed = (folder.json(STATE) as StateFile).applied_revision.resources["graph.books"];
    folder.write("cluster.yaml", LIBRARY["cluster.yaml"]!);

    const applied = await folder.run("apply");

    expect(allowed).toMatchObject({
      external_blob_policy: {
        mode: "allow",
        bases: [{ uri: "s3://pictures/covers/", scope: "server_safe" }],
      },
    });
    expect(applied.at("converged")).toBe(true);
    expect(applied.at("changes")).toMatchObject([{ resource: "graph.books", disposition: "derived" }]);
    expect((folder.json(STATE) as StateFile).applied_revision.resources["graph.books"]).toEqual(denied);
  });

  test("keep the blob policy of a graph whose schema change failed, and follow once it is right", async () => {
    const folder = await appliedFolder();
    folder.write("cluster.yaml", allowing);
    folder.write("books.pg", NARROWER_SCHEMA);

    await folder.run("apply");
    const fenced = (folder.json(STATE) as StateFile).applied_revision.resources["graph.books"];
    folder.write("books.pg", BOOKS_SCHEMA);
    const repaired = await folder.run("apply");

    expect(fenced).not.toHaveProperty("external_blob_policy");
    expect(repaired.at("converged")).toBe(true);
  });
});

describe("an old ledger", () => {
  test("that another tool wrote without bindings and profiles gets them with the next apply", async () => {
    const yaml = `${LIBRARY["cluster.yaml"]}providers: { embedding: { maker: { kind: mock } } }\n`;
    const folder = await appliedFolder({ "cluster.yaml": yaml });
    const state = folder.json(STATE) as StateFile;
    const { resources } = state.applied_revision;
    const strip = (address: string) => ({ [address]: { digest: resources[address]?.["digest"] } });
    const stripped = { ...resources, ...strip("policy.readers"), ...strip("provider.embedding.maker") };
    const applied_revision = { ...state.applied_revision, resources: stripped };
    folder.write(
      STATE,
      `${JSON.stringify({ ...state, state_revision: state.state_revision + 1, applied_revision }, null, 2)}\n`,
    );

    const applied = await folder.run("apply");

    expect(applied.change("policy.readers")).toMatchObject({ metadata_change: "policy_bindings" });
    expect(applied.change("provider.embedding.maker")).toMatchObject({
      metadata_change: "embedding_profile",
    });
    expect(applied.at("converged")).toBe(true);
    expect((folder.json(STATE) as StateFile).applied_revision.resources).toEqual(resources);
  });

  test("whose composite does not verify is refused by apply and refresh, and planned on with a warning", async () => {
    const stale = {
      version: 1,
      state_revision: 3,
      applied_revision: { resources: { "graph.books": { digest: "x" } } },
    };
    const folder = clusterFolder({ [STATE]: JSON.stringify(stale) });

    for (const command of ["apply", "refresh"]) {
      const refused = await folder.run(command);
      expect(refused.ok).toBe(false);
      expect(refused.codes).toContain("external_blob_policy_digest_mismatch");
    }
    expect((await folder.run("plan")).ok).toBe(true);
    expect(folder.json(STATE)).toEqual(stale);
  });
});
