/** Waiting for a run: to its end, through an outage of the server, and no longer than somebody wants. */
import { describe, expect, it } from "vitest";
import { createApiClient, type OrderedRun } from "../../lib/client/api-client.ts";
import { waitForRun } from "../../lib/client/wait-for-run.ts";
import { type ClusterName, parseClusterName } from "../../lib/digest/ids.ts";
import { LOST, type Scripted, scripted } from "./scripted.ts";

const CLUSTER = parseClusterName("brain") as ClusterName;
const ID = "01J9ZK3V6Y8T4N2Q5R7S9W1X3Z";
const FORBIDDEN = { status: 403, body: { message: "no" } };

function inState(state: string, output: unknown = null): Scripted {
  return { status: 200, body: { run: { run_id: ID, state, outcome: null, attempts: [] }, output } };
}

async function waited(
  options: {
    readonly leave_at_ms?: number;
    readonly left?: AbortSignal;
    readonly through_approval?: boolean;
  },
  ...answers: readonly Scripted[]
) {
  const script = scripted(inState("queued"), ...answers);
  const client = createApiClient(script.ports, "https://api.test", CLUSTER);
  const first = await client.order("plans", {});
  if (first.tag === "failed") throw new Error("the script begins with a run");
  const seen: string[] = [];
  let away = 0;
  const result = await waitForRun({ client, clock: script.ports.clock }, first.value, {
    seen: ({ state }: OrderedRun["run"]) => seen.push(state),
    away: () => {
      away += 1;
    },
    left: options.left ?? new AbortController().signal,
    through_approval: options.through_approval ?? false,
    leave_at_ms: options.leave_at_ms ?? null,
  });
  return { result, seen, away, sent: script.sent, waitedMs: script.waitedMs };
}

describe("Waiting for a run", () => {
  it("ends with the run and its answer, and tells every state on the way", async () => {
    const { result, seen } = await waited(
      {},
      inState("running"),
      inState("continuing"),
      inState("ended", { ok: true }),
    );
    expect(result).toMatchObject({ tag: "ended", ordered: { output: { ok: true } } });
    expect(seen).toEqual(["queued", "running", "continuing", "ended"]);
  });

  it("ends with a run that waits for an approval, because a person has to do something", async () => {
    const { result } = await waited({}, inState("waiting_approval"));
    expect(result).toMatchObject({ tag: "ended", ordered: { run: { state: "waiting_approval" } } });
  });

  it("goes on until the approval is there and the run has ended, if that is what somebody wants", async () => {
    const { result, seen } = await waited(
      { through_approval: true },
      inState("waiting_approval"),
      inState("running"),
      inState("ended"),
    );
    expect(result.tag).toBe("ended");
    expect(seen).toEqual(["queued", "waiting_approval", "running", "ended"]);
  });

  it("asks soon and often at first, then lets the server wait, so that few questions are asked", async () => {
    const { sent, waitedMs } = await waited(
      {},
      ...Array<Scripted>(4).fill(inState("running")),
      inState("ended"),
    );
    const asked = sent.slice(1).map(({ url }) => new URL(url).searchParams.get("wait"));
    expect(asked).toEqual(["0", "0", "0", "20", "20"]);
    expect(waitedMs.slice(0, 3)).toEqual([150, 300, 600]);
  });

  it("goes on through an outage of the server", async () => {
    const { result, away } = await waited(
      {},
      ...Array<Scripted>(9).fill(LOST),
      inState("ended", { ok: true }),
    );
    expect(result.tag).toBe("ended");
    expect(away).toBe(2);
  });

  it("ends when the server is away for too long", async () => {
    const { result } = await waited({}, LOST);
    expect(result).toMatchObject({ tag: "failed", diagnostics: [{ code: "deployment_unreachable" }] });
  });

  it("ends at once when the caller may not look any more", async () => {
    const { result, sent } = await waited({}, FORBIDDEN);
    expect(result).toMatchObject({ tag: "failed", status: 403 });
    expect(sent).toHaveLength(2);
  });

  it("is left at the time that was set, and the run goes on", async () => {
    const { result } = await waited({ leave_at_ms: 1_000_600 }, inState("running"));
    expect(result).toMatchObject({ tag: "left", run: { run_id: ID, state: "running" } });
  });

  it("is left as soon as somebody leaves", async () => {
    const leaving = new AbortController();
    leaving.abort();
    const { result, sent } = await waited({ left: leaving.signal }, inState("running"));
    expect(result).toMatchObject({ tag: "left", run: { state: "queued" } });
    expect(sent).toHaveLength(1);
  });
});
