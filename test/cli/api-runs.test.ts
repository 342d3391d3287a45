/** What a person is told who waits for a run, and may not look at it any more before it has ended. */
import { describe, expect, it } from "vitest";
import { runEnd, TO_THE_END } from "../../cli/cluster/api-runs.ts";
import { createApiClient } from "../../lib/client/api-client.ts";
import { type ClusterName, parseClusterName } from "../../lib/digest/ids.ts";
import { scripted } from "../client/scripted.ts";
import { captured } from "./captured.ts";

const ID = "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z";

describe("Waiting for a run at a prompt", () => {
  it.each([403, 404])("ends with %i by saying that the run goes on without its caller", async (status) => {
    const running = {
      status: 202,
      body: { run: { run_id: ID, state: "running", attempts: [] }, output: null },
    };
    const { ports } = scripted(running, { status, body: { message: "no" } });
    const client = createApiClient(ports, "https://api.test", parseClusterName("brain") as ClusterName);
    const { context } = captured(".");
    const api = {
      url: "https://api.test",
      cluster: "brain",
      auth: { tag: "token", env: "T" },
      words: [],
    } as const;
    const ended = await runEnd({ context, api }, client, await client.order("applies", {}), TO_THE_END);
    expect(ended).toMatchObject({ tag: "failed", diagnostics: [{}, { code: "run_hidden", path: ID }] });
  });
});
