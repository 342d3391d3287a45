/** How graphs find their queries, command against folder (spec/cluster 1.4, 14.1). */
import { describe, expect, test } from "vitest";
import { clusterFolder, LIBRARY } from "./cluster-folder.ts";

const bare = (queries: string) =>
  `version: 1\ngraphs:\n  books:\n    schema: books.pg\n    queries: ${queries}\n`;
const find = (name: string) => LIBRARY["books.gq"]!.replace("find_book", name);

describe("a graph", () => {
  test.each([
    ["a folder, of which only .gq files count", "q/", ["books", "shelves"]],
    ["a list of files and folders", "[q/, more.gq]", ["books", "more", "shelves"]],
    ["one file", "more.gq", ["more"]],
  ])("finds its queries in %s", async (_what, queries, names) => {
    const folder = clusterFolder({
      "cluster.yaml": bare(queries),
      "q/a.gq": find("books"),
      "q/b.gq": find("shelves"),
      "q/notes.txt": "not a query",
      "more.gq": find("more"),
    });

    const validated = await folder.run("validate");

    expect(validated.ok).toBe(true);
    const addresses = Object.keys(validated.at("resource_digests") as object);
    expect(addresses.filter((each) => each.startsWith("query."))).toEqual(
      names.map((name) => `query.books.${name}`),
    );
  });

  test("warns of a folder without queries", async () => {
    const folder = clusterFolder({ "cluster.yaml": bare("q/"), "q/notes.txt": "nothing" });

    const validated = await folder.run("validate");

    expect(validated.ok).toBe(true);
    expect(validated.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "query_dir_empty",
        severity: "warning",
        path: "graphs.books.queries",
      }),
    );
  });

  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    ["a file that is not there", "gone.gq", {}, "query_file_missing"],
    ["a file that does not parse", "q/", { "q/a.gq": "query {" }, "query_parse_error"],
  ])("refuses %s", async (_what, queries, files, code) => {
    const validated = await clusterFolder({ "cluster.yaml": bare(queries), ...files }).run("validate");

    expect(validated.ok).toBe(false);
    expect(validated.diagnostics).toContainEqual(
      expect.objectContaining({ code, path: "graphs.books.queries" }),
    );
  });

  test("whose schema is unusable has its queries unchecked, which it says", async () => {
    const validated = await clusterFolder({ "books.pg": "node {" }).run("validate");

    expect(validated.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "query_typecheck_skipped",
        severity: "warning",
        path: "graphs.books.queries.find_book",
      }),
    );
  });
});
