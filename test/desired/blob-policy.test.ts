/** Bases for external blobs and the policy they make (spec/cluster 1.8, 3.3; W38). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOB_BASE_BYTES_MAX, BLOB_BASES_MAX } from "../../lib/config/limits.ts";
import { normaliseBlobBase } from "../../lib/desired/blob-base.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import { validateOutput } from "../../lib/desired/validate-output.ts";
import { sampleBundle } from "./sample-bundle.ts";

function load(allow: readonly (readonly [base: string, scope: string])[]) {
  const items = allow.map(([base, scope]) => `        - {base: ${JSON.stringify(base)}, scope: ${scope}}`);
  const yaml = [
    "version: 1",
    "graphs:",
    "  g:",
    "    schema: s.pg",
    "    external_blobs:",
    "      allow:",
    ...items,
  ];
  const files = { "s.pg": "node A {\n  name: String @key\n}\n", "cluster.yaml": yaml.join("\n") };
  return loadDesired(sampleBundle(files));
}

const codes = (desired: ReturnType<typeof load>) =>
  desired.diagnostics.map((each) => `${each.code} ${each.path}`);

describe("a base for external blobs (spec/cluster 1.8)", () => {
  it.each([
    ["S3://Assets-Bucket/Know", "s3://assets-bucket/Know/"],
    ["s3://bucket/", "s3://bucket/"],
    ["s3://bucket/a%20b/%c3%a9/", "s3://bucket/a%20b/%C3%A9/"],
    ["s3://bucket/a b/\u00e9", "s3://bucket/a%20b/%C3%A9/"],
    ["s3://bucket/%41-._~", "s3://bucket/A-._~/"],
    ["s3://bucket/a+b=c", "s3://bucket/a%2Bb%3Dc/"],
    ["s3://bucket/.../.a", "s3://bucket/.../.a/"],
    ["FILE:///srv/Blobs/", "file:///srv/Blobs/"],
    ["file:///", "file:///"],
  ])("spelt %s has the canonical text %s", (raw, uri) => {
    expect(normaliseBlobBase(raw)).toMatchObject({ tag: "base", uri });
  });

  it.each([
    ["", "empty"],
    [" s3://bucket/", "white space"],
    ["s3://bucket/\n", "white space"],
    ["s3://bucket\\a/", "backslash"],
    ["bucket/a", "absolute"],
    ["gs://bucket/a", "scheme"],
    ["s3://bucket", "slash is missing"],
    ["s3:///a", "bucket"],
    ["s3://user:secret@bucket/", "user information"],
    ["s3://bucket:443/", "port"],
    ["s3://bucket/?a", "query"],
    ["s3://bucket/#a", "fragment"],
    ["file://host/a", "host"],
    ["s3://bucket/a/../b", "dot segment"],
    ["s3://bucket/%2e%2E/b", "dot segment"],
    ["s3://bucket/./b", "dot segment"],
    ["s3://bucket/a//b", "empty component"],
    ["s3://bucket//", "empty component"],
    ["s3://bucket/%4", "escape"],
    ["s3://bucket/%zz", "escape"],
    ["s3://bucket/a%2fb", "hides"],
    ["s3://bucket/a%5cb", "hides"],
    ["s3://bucket/a%00b", "hides"],
    ["s3://bucket/a%2541", "hides"],
  ])("spelt %j is refused: %s", (raw, reason) => {
    const base = normaliseBlobBase(raw);
    expect(base.tag).toBe("invalid");
    expect(base.tag === "invalid" && base.reason).toContain(reason);
  });

  it("is refused beyond its size in bytes", () => {
    const base = normaliseBlobBase(`s3://bucket/${"a".repeat(BLOB_BASE_BYTES_MAX)}`);
    expect(base.tag === "invalid" && base.reason).toContain("longer");
  });

  it("has a canonical text that is its own canonical text", () => {
    const component = fc.string({ minLength: 1, maxLength: 8, unit: "binary" });
    fc.assert(
      fc.property(fc.array(component, { maxLength: 4 }), (components) => {
        const once = normaliseBlobBase(`s3://bucket/${components.join("/")}`);
        if (once.tag === "base") expect(normaliseBlobBase(once.uri)).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a policy for external blobs", () => {
  it("reports every bad base at its own index, without repeating what may be a password", () => {
    const desired = load([
      ["s3://a/", "server_safe"],
      ["s3://me:hunter2@b/", "server_safe"],
      ["file:///srv/", "server_safe"],
    ]);
    expect(codes(desired)).toEqual([
      "invalid_external_blob_base graphs.g.external_blobs.allow[1].base",
      "invalid_external_blob_base graphs.g.external_blobs.allow[2].base",
    ]);
    expect(JSON.stringify(desired.diagnostics)).not.toContain("hunter2");
  });

  it("sorts bases by URI and refuses any that lie inside another", () => {
    expect(
      codes(
        load([
          ["s3://a/x/", "server_safe"],
          ["s3://a/x/y", "embedded_only"],
        ]),
      ),
    ).toEqual(["invalid_external_blob_policy graphs.g.external_blobs.allow"]);
    expect(
      codes(
        load([
          ["s3://a/x", "server_safe"],
          ["s3://A/x/", "embedded_only"],
        ]),
      ),
    ).toHaveLength(1);
    expect(
      codes(
        load([
          ["s3://a/b/", "server_safe"],
          ["s3://a/a/z", "server_safe"],
          ["s3://a/", "server_safe"],
        ]),
      ),
    ).not.toEqual([]);
    const disjoint = load([
      ["s3://b/x", "embedded_only"],
      ["s3://a/xy", "server_safe"],
      ["s3://a/x", "server_safe"],
    ]);
    expect(codes(disjoint)).toEqual([]);
    expect(disjoint.resources.get("graph.g" as never)).toMatchObject({
      external_blob_policy: {
        bases: [{ uri: "s3://a/x/" }, { uri: "s3://a/xy/" }, { uri: "s3://b/x/", scope: "embedded_only" }],
      },
    });
  });

  it("takes an embedded file base that does not exist on this machine (W38)", () => {
    expect(codes(load([["file:///no/such/folder/anywhere", "embedded_only"]]))).toEqual([]);
  });

  it("refuses unknown scopes and endless lists while the document is read", () => {
    expect(codes(load([["s3://a/", "public"]]))).toEqual(["invalid_cluster_yaml cluster.yaml"]);
    const many = Array.from(
      { length: BLOB_BASES_MAX + 1 },
      (_, index) => [`s3://a/${index}`, "server_safe"] as const,
    );
    expect(codes(load(many))).toEqual(["invalid_cluster_yaml cluster.yaml"]);
  });

  it("that denies is mentioned by validate once a graph, and only if all is well", () => {
    const files = (schema: string) => ({
      "s.pg": schema,
      "cluster.yaml":
        "version: 1\ngraphs: {a: {schema: s.pg}, b: {schema: s.pg, external_blobs: {allow: []}}}\n",
    });
    const fine = validateOutput(loadDesired(sampleBundle(files("node A {\n  name: String @key\n}\n"))));
    expect(fine.ok).toBe(true);
    expect(fine.diagnostics.map((each) => `${each.severity} ${each.code} ${each.path}`)).toEqual([
      "warning external_blob_ingress_default_deny graphs.a.external_blobs",
      "warning external_blob_ingress_default_deny graphs.b.external_blobs",
    ]);
    const broken = validateOutput(loadDesired(sampleBundle(files("node {"))));
    expect(broken.diagnostics.map((each) => each.code)).not.toContain("external_blob_ingress_default_deny");
  });
});
