/** Handing in and ordering through the API, for tests of what becomes of it. */
import { expect } from "vitest";
import { packFiles } from "../../lib/intake/pack.ts";
import { person, role, send, type TestDeployment } from "./deployment.ts";
import { configFiles, type Settings } from "./policies.ts";
import { work } from "./worker.ts";

export function zipOf(
  settings: Settings = {},
  more: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const files = Object.entries({ ...configFiles(settings), ...more });
  return packFiles(files.map(([path, text]) => ({ path, bytes: Buffer.from(text, "utf8") })));
}

export interface RunAnswer {
  readonly run: {
    readonly run_id: string;
    readonly state: string;
    readonly outcome: string;
    readonly plan_id: string;
  };
  readonly output: { readonly kind: string; readonly output: Record<string, unknown> } | null;
}

/** What people do with a deployment. */
export interface Ordering {
  /** The digest of the config that `who` hands in. */
  readonly handIn: (who: object, settings?: Settings) => Promise<string>;
  /** Orders, works, and reads what became of it. */
  readonly ran: (who: object, path: string, body?: object, reader?: object) => Promise<RunAnswer>;
  /** From nothing to an applied cluster with a policy, by the bootstrap principal. */
  readonly begun: () => Promise<void>;
}

export function orderingOn(made: () => TestDeployment): Ordering {
  const handIn: Ordering["handIn"] = async (who, settings = {}) => {
    const raw = await zipOf(settings);
    const headers = { "content-type": "application/zip" };
    const answer = await send(made(), who, "POST", "/clusters/brain/bundles", { raw, headers });
    expect(answer.status).toBe(201);
    return (answer.body as { bundle_digest: string }).bundle_digest;
  };
  const ran: Ordering["ran"] = async (who, path, body = {}, reader = who) => {
    const ordered = await send(made(), who, "POST", `/clusters/brain${path}`, { body });
    expect({ path, status: ordered.status, body: ordered.status === 202 ? null : ordered.body }).toEqual({
      path,
      status: 202,
      body: null,
    });
    const { run } = ordered.body as RunAnswer;
    expect(ordered.headers.get("location")).toBe(`/v1/clusters/brain/runs/${run.run_id}`);
    await work(made());
    const read = await send(made(), reader, "GET", `/clusters/brain/runs/${run.run_id}?wait=20`);
    expect(read.status).toBe(200);
    return read.body as RunAnswer;
  };
  const begun = async () => {
    const [admin, eve] = [role("bootstrap"), person("eve")];
    expect((await ran(admin, "/import")).run.outcome).toBe("applied");
    const bundle_digest = await handIn(admin);
    const planned = await ran(admin, "/plans", { bundle_digest });
    expect(planned.run).toMatchObject({ state: "ended", outcome: "planned" });
    const applied = await ran(admin, `/plans/${planned.run.plan_id}/apply`, {}, eve);
    expect(applied.run).toMatchObject({ state: "ended", outcome: "applied" });
  };
  return { handIn, ran, begun };
}
