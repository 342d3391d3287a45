/** The client takes only what it understands: documents of its version, runs in states that it knows, links. */
import { describe, expect, it } from "vitest";
import { createApiClient } from "../../lib/client/api-client.ts";
import { type ClusterName, parseClusterName, type RunId } from "../../lib/digest/ids.ts";
import { type Scripted, scripted } from "./scripted.ts";

const CLUSTER = parseClusterName("brain") as ClusterName;

function asking(...answers: readonly Scripted[]) {
  const script = scripted(...answers);
  return { ...script, client: createApiClient(script.ports, "https://api.test/base", CLUSTER) };
}

describe("The API client", () => {
  it("refuses a document of another version instead of guessing", async () => {
    const { client } = asking({ status: 200, body: { format_version: 2, ok: true } });
    expect(await client.get("status")).toMatchObject({
      tag: "failed",
      diagnostics: [{ code: "deployment_answer_invalid", path: "GET /base/v1/clusters/brain/status" }],
    });
  });

  it("refuses a run in a state that it does not know", async () => {
    const { client } = asking({ status: 202, body: { run: { state: "dreaming" } } });
    expect(await client.order("plans", {})).toMatchObject({
      diagnostics: [{ code: "deployment_answer_invalid" }],
    });
  });

  it("reads a list page by page and no further than it is asked to", async () => {
    const { client, sent } = asking(
      { status: 200, body: { items: [1, 2], next: "p2" } },
      { status: 200, body: { items: [3, 4], next: "p3" } },
    );
    expect(await client.list("runs", { open: true }, 3)).toEqual({ tag: "called", value: [1, 2, 3] });
    expect(sent.map(({ url }) => new URL(url).search)).toEqual(["?open=true", "?open=true&page=p2"]);
  });

  it("sends an upload to its link with what the link asks for, and without its own identity", async () => {
    const upload = {
      url: "https://store.test/k?sig=1",
      method: "PUT",
      headers: { "X-Amz-Meta-Mode": "auto" },
    };
    const { client, sent } = asking({ status: 201, body: { upload_id: "u", ...upload } }, { status: 200 });
    const ticket = await client.ticket({ purpose: "load" });
    if (ticket.tag === "failed") throw new Error("the ticket is read");
    const source = { bytes: 0, open: async function* () {} };
    expect(await client.put(ticket.value, source)).toEqual({ tag: "called", value: null });
    expect(sent[1]).toMatchObject({ method: "PUT", url: upload.url, headers: { "x-amz-meta-mode": "auto" } });
    expect(Object.keys(sent[1]?.headers ?? {})).toEqual(["x-amz-meta-mode"]);
  });

  it("resolves a link without a host on the API's own", async () => {
    const { client } = asking({ status: 201, body: { upload_id: "u", url: "/v1/local-uploads/x/y" } });
    expect(await client.ticket({})).toMatchObject({
      value: { link: { url: "https://api.test/v1/local-uploads/x/y" } },
    });
  });

  it("says that an upload did not arrive when the store refuses it", async () => {
    const { client } = asking({ status: 403 });
    const ticket = { upload_id: "u", link: { url: "https://store.test/k", headers: {} } };
    const put = await client.put(ticket, { bytes: 0, open: async function* () {} });
    expect(put).toMatchObject({ tag: "failed", diagnostics: [{ code: "upload_not_received" }] });
  });

  it("reads the rows of an export by their link alone, and tells when the link holds no more", async () => {
    const run = { run_id: "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z", state: "ended" };
    const link = { url: "https://store.test/exports/x?sig=1", expires_at: "2026-01-01T00:00:00Z" };
    const { client, sent } = asking(
      { status: 200, body: { run, output: null, link } },
      { status: 200, body: "rows" },
      { status: 403, body: "expired" },
    );
    const found = await client.exportLink("people", run.run_id as RunId);
    if (found.tag === "failed") throw new Error("the link is read");
    expect(await client.download(found.value)).toMatchObject({ tag: "called", value: { status: 200 } });
    expect(sent.map(({ url }) => url)).toEqual([
      `https://api.test/base/v1/clusters/brain/graphs/people/exports/${run.run_id}`,
      link.url,
    ]);
    // The signature is the permission; a token of the API is none of the store's business.
    expect(sent[1]?.headers).toEqual({});
    const late = await client.download(found.value);
    expect(late).toMatchObject({ tag: "failed", diagnostics: [{ code: "export_not_received" }] });
    expect(JSON.stringify(late)).not.toContain("sig=1");
  });

  it.each(["http://store.test/x", "file:///etc/passwd", "data:,rows", 7])(
    "takes no rows from %s, which is less than what it asked",
    async (url) => {
      const { client } = asking({ status: 200, body: { run: {}, output: null, link: { url } } });
      expect(await client.exportLink("people", "x" as RunId)).toMatchObject({
        diagnostics: [{ code: "deployment_answer_invalid" }],
      });
    },
  );

  it("takes no export without a link for one that has one", async () => {
    const { client } = asking({ status: 200, body: { run: {}, output: null, link: null } });
    expect(await client.exportLink("people", "x" as RunId)).toMatchObject({
      diagnostics: [{ code: "deployment_answer_invalid" }],
    });
  });
});
