/** Uploads: by a link of the API, by a mapped principal, or by nobody known; events come twice, late and in any order. */
import { describe, expect, test } from "vitest";
import { authorsOf } from "../../lib/access/authors.ts";
import { storedPlan } from "../../lib/apply/planning/plan-store.ts";
import type { ClusterName, GraphId } from "../../lib/digest/ids.ts";
import { readBundleOrigin } from "../../lib/intake/bundle-origin.ts";
import type { UploadEvent } from "../../lib/intake/upload-event.ts";
import { timestamp } from "../../lib/ports/clock.ts";
import type { UploadedFile } from "../../lib/worker/deployment.ts";
import { listRunViews, readRunView } from "../../lib/worker/run-view.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { openUpload, readUploadTicket, type UploadTicket } from "../../lib/worker/upload-ticket.ts";
import { ledgerOf } from "../apply/cluster.ts";
import { type ClusterFiles, filesOf, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { NO_INTERFERENCE } from "../apply/interference.ts";
import {
  ANA,
  appliedDeployment,
  DEMO,
  INVOCATION_MS,
  openWorker,
  SETTINGS,
  type Worker,
  work,
  worldOf,
  zipOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const KEY = "inbox/demo/build-7.zip";
const AUTO = {
  "graphform-mode": "auto",
  "graphform-git-commit": "0123abc",
  "graphform-git-ref": "refs/heads/main",
};

async function put(
  worker: Worker,
  key: string,
  metadata: UploadedFile["metadata"] = {},
  config: ClusterFiles | Uint8Array = CONFIG,
  version = '"etag-1"',
): Promise<void> {
  const bytes = config instanceof Uint8Array ? config : await zipOf(filesOf(config));
  worker.shared.inbox.set(key, { bytes, metadata, version, uploaded_at: timestamp(worker.shared.clock) });
}

function event(change: Partial<UploadEvent> = {}): UploadEvent {
  return { key: KEY, principal: "AWS:AROACI:build-7", versions: ["v1", "etag-1"], ...change };
}

function take(worker: Worker, change: Partial<UploadEvent> = {}) {
  return takeUpload(worker.deployment, event(change), worker.context);
}

/** operation mode actor outcome of every run, newest first. */
async function runs(worker: Worker): Promise<readonly string[]> {
  const page = await listRunViews(worker.deployment.open(DEMO), { limit: 100, before: null });
  if (page.tag !== "page") throw new Error(page.tag);
  return page.items
    .filter((each) => each.trigger === "upload")
    .map(({ mode, actor, state, outcome }) => `${mode} ${actor} ${outcome ?? state}`);
}

describe("an upload of a mapped principal", () => {
  test("is planned, with the facts of its metadata shown", async () => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, { "graphform-git-commit": "0123abc" });
    const taken = await take(worker);
    await work(worker);
    expect(await runs(worker)).toEqual(["plan ci planned"]);
    expect(taken).toMatchObject({
      tag: "ordered",
      record: { actor: "ci", trigger: "upload", git: { commit: "0123abc", ref: null, repository: null } },
    });
  });

  test("shows no credential of the address that its metadata names (U2)", async () => {
    const worker = await appliedDeployment(null);
    const repository = "https://ana:s3cret@git.example/acme/brain";
    await put(worker, KEY, { ...AUTO, "graphform-git-repository": repository });
    expect(await take(worker)).toMatchObject({
      tag: "ordered",
      record: { git: { commit: "0123abc", repository: "https://git.example/acme/brain" } },
    });
    await work(worker);
    const world = worldOf(worker.shared);
    const texts = [...world.objects.objects.values()].map((each) => JSON.stringify(each));
    expect(texts.filter((each) => each.includes("s3cret"))).toEqual([]);
  });

  test("in mode auto is applied, as whom the deployment maps and after policy was asked again (A5)", async () => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, AUTO);
    await take(worker);
    await work(worker);
    expect(await runs(worker)).toEqual(["auto ci applied"]);
    expect(
      worker.shared.questions.map(({ caller, request }) => `${caller.canonical} ${request.kind}`),
    ).toEqual(["iam-role:ci control", "iam-role:ci apply"]);
    const asked = worker.shared.questions[1]!.request;
    expect(
      asked.kind === "apply" && { authors: asked.authors, ledger: asked.ledger?.state.state_revision },
    ).toEqual({
      authors: ["ci"],
      ledger: 1,
    });
  });

  test("whose event comes ten times, by ten workers at once, is one run (A7)", async () => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, AUTO);
    await Promise.all(Array.from({ length: 10 }, () => take(openWorker(worker.shared))));
    await work(worker);
    await take(worker);
    await work(worker);
    expect(await runs(worker)).toEqual(["auto ci applied"]);
  });

  test("that replaces another is a run of its own, and a late event of the first is not taken for its sender's", async () => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, AUTO);
    await take(worker);
    await work(worker);
    // Somebody whom nobody knows replaces the object; the event of the first upload comes once more.
    await put(worker, KEY, AUTO, { graphs: { people: { schema: PERSON_WITH_NOTE } } }, '"etag-2"');
    await take(worker);
    await take(worker, { principal: "AWS:AROAELSE:x", versions: ["etag-2"] });
    await work(worker);
    expect(await runs(worker)).toEqual(["plan null planned", "auto ci applied"]);
    expect(ledgerOf(worldOf(worker.shared)).state_revision).toBe(3);
  });

  test("of the same bytes with another request is another run", async () => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, { "graphform-request": "1" });
    await take(worker);
    await put(worker, KEY, { "graphform-request": "2" });
    await take(worker);
    await work(worker);
    expect(await runs(worker)).toHaveLength(2);
  });

  test("whom policy does not let plan leaves a run that says so, and keeps nothing", async () => {
    const worker = await appliedDeployment(null);
    worker.shared.decide = () => ({ tag: "denied", message: "no rule allows it", rules: [], masked: false });
    await put(worker, KEY);
    const taken = await take(worker);
    expect(taken).toMatchObject({ tag: "refused", diagnostics: [{ code: "run_denied" }] });
    expect(await runs(worker)).toEqual(["plan ci refused"]);
    expect(
      [...worldOf(worker.shared).objects.objects.keys()].filter((key) => key.includes("/bundles/")),
    ).toEqual([]);
  });

  test("about whom policy cannot decide is asked for again, and leaves nothing", async () => {
    const worker = await appliedDeployment(null);
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    await put(worker, KEY);
    expect(await take(worker)).toMatchObject({
      tag: "again",
      diagnostics: [{ code: "run_access_undecided" }],
    });
    expect(await runs(worker)).toEqual([]);
  });
});

describe("an upload of nobody known", () => {
  test.each([
    ["a principal that is not mapped", { principal: "AWS:AROAELSE:ci" }],
    ["no principal", { principal: null }],
    ["a session that looks like a mapped name", { principal: "AWS:AROAELSE:AWS:AROACI" }],
    ["a name of every object", { principal: "constructor" }],
  ])("with %s is planned and never applied, whatever it asks for", async (_, change) => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, AUTO);
    await take(worker, change);
    await work(worker);
    expect(await runs(worker)).toEqual(["plan null planned"]);
    expect(ledgerOf(worldOf(worker.shared)).state_revision).toBe(1);
  });
});

test("who brings the same files after somebody whom nobody knows is their author, and that one is not", async () => {
  const worker = await appliedDeployment(null);
  await put(worker, KEY);
  await take(worker, { principal: "AWS:AROAELSE:x" });
  await work(worker);
  const ports = worker.deployment.open(DEMO);
  const authorsOfPlan = async () => {
    const page = await listRunViews(ports, { limit: 1, before: null });
    const id = page.tag === "page" ? page.items[0]?.plan_id : null;
    const stored = await storedPlan(ports, id!);
    return stored.tag === "decoded" ? authorsOf(ports, stored.plan, null) : stored.tag;
  };
  expect(await authorsOfPlan()).toEqual([]);

  await put(worker, KEY, { "graphform-request": "2" });
  await take(worker);
  await work(worker);
  expect(await runs(worker)).toEqual(["plan ci planned", "plan null planned"]);
  expect(await authorsOfPlan()).toEqual(["ci"]);
});

test("a late event about an earlier version leaves what is there to its own event, and its sender known", async () => {
  const worker = await appliedDeployment(null);
  await put(worker, KEY, AUTO);
  expect((await take(worker, { versions: ["etag-0"] })).tag).toBe("ignored");
  expect(await runs(worker)).toEqual([]);
  const taken = await take(worker);
  await work(worker);
  expect(await runs(worker)).toEqual(["auto ci applied"]);
  const digest = taken.tag === "ordered" ? taken.record.bundle_digest : null;
  expect(digest === null ? null : await readBundleOrigin(worker.deployment.open(DEMO), digest)).toEqual({
    tag: "known",
    actor: "ci",
  });
});

describe("a link for an upload", () => {
  async function linked(worker: Worker, mode: "plan" | "auto") {
    const request = { purpose: "bundle", mode, graph: null, git: null, caller: ANA } as const;
    const opened = await openUpload(worker.deployment, DEMO, request);
    if (opened.tag !== "opened") throw new Error(opened.tag);
    const metadata = Object.fromEntries(
      Object.entries(opened.link.headers).map(([name, value]) => [name.replace("x-amz-meta-", ""), value]),
    );
    return { ticket: opened.ticket, metadata };
  }

  async function taken(worker: Worker, ticket: UploadTicket, metadata: UploadedFile["metadata"]) {
    await put(worker, ticket.key, metadata);
    await take(worker, { key: ticket.key });
    await work(worker);
    return runs(worker);
  }

  test("makes the upload that of whoever asked for it, and does what was asked for, not what its metadata says", async () => {
    const worker = await appliedDeployment(null);
    const { ticket, metadata } = await linked(worker, "plan");
    expect(await taken(worker, ticket, { ...metadata, "graphform-mode": "auto" })).toEqual([
      "plan ana planned",
    ]);
    const auto = await linked(worker, "auto");
    expect((await taken(worker, auto.ticket, auto.metadata))[0]).toBe("auto ana applied");
  });

  test("is no use to somebody who writes under its name without its secret", async () => {
    const worker = await appliedDeployment(null);
    const { ticket } = await linked(worker, "auto");
    expect(await taken(worker, ticket, { "graphform-ticket": ticket.upload_id })).toEqual([
      "plan ci planned",
    ]);
    const other = await linked(worker, "auto");
    const first = await linked(worker, "auto");
    expect((await taken(worker, other.ticket, first.metadata))[0]).toBe("plan ci planned");
  });

  test("for rows says which graph, and starts nothing by itself", async () => {
    const worker = await appliedDeployment(null);
    const request = {
      purpose: "load",
      mode: "plan",
      graph: "people" as GraphId,
      git: null,
      caller: ANA,
    } as const;
    const opened = await openUpload(worker.deployment, DEMO, request);
    if (opened.tag !== "opened") throw new Error(opened.tag);
    const { upload_id, key } = opened.ticket;
    expect(await readUploadTicket(worker.deployment, DEMO, upload_id)).toEqual({
      tag: "found",
      ticket: opened.ticket,
    });
    expect(await readUploadTicket(worker.deployment, DEMO, "../../x")).toEqual({ tag: "absent" });
    await put(worker, key, {}, Buffer.from("{}"));
    expect((await take(worker, { key })).tag).toBe("ignored");
  });

  test("that cannot be signed, or written down, is not given out", async () => {
    const worker = await appliedDeployment(null);
    const request = { purpose: "bundle", mode: "plan", graph: null, git: null, caller: ANA } as const;
    const inbox = { ...worker.deployment.inbox, presign: () => Promise.resolve(null) };
    const unsigned = await openUpload({ ...worker.deployment, inbox }, DEMO, request);
    expect(unsigned.tag === "refused" && unsigned.diagnostics[0]?.code).toBe("upload_link_failed");
    const down = {
      ...worker.deployment.records,
      putIfAbsent: () => Promise.resolve({ tag: "unavailable", reason: "down" } as const),
    };
    expect((await openUpload({ ...worker.deployment, records: down }, DEMO, request)).tag).toBe("refused");
  });
});

describe("an upload that is not taken", () => {
  test.each<[string, UploadedFile["metadata"], Uint8Array | ClusterFiles, string]>([
    ["is no archive", {}, Buffer.from("hello"), "archive_unreadable"],
    ["has an unknown mode", { "graphform-mode": "destroy" }, CONFIG, "upload_not_taken"],
    ["names a ref without a commit", { "graphform-git-ref": "main" }, CONFIG, "upload_not_taken"],
    ["has far too long metadata", { "graphform-git-commit": "a".repeat(300) }, CONFIG, "upload_not_taken"],
    ["has metadata that cannot be shown", { "graphform-git-commit": "a\u0007" }, CONFIG, "upload_not_taken"],
    ["is too large", {}, Buffer.alloc(9 * 1024 * 1024), "archive_too_large"],
  ])("because it %s leaves one run that says why", async (_, metadata, config, code) => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY, metadata, config);
    for (let count = 0; count < 3; count += 1) {
      const taken = await take(worker);
      expect(taken).toMatchObject({ tag: "refused", diagnostics: [{ code }] });
      if (taken.tag !== "refused") continue;
      const view = await readRunView(worker.deployment.open(DEMO), taken.run_id);
      expect(view).toMatchObject({
        view: {
          run: { outcome: "refused" },
          output: { kind: "refused", output: { ok: false, diagnostics: [{ code }] } },
        },
      });
    }
    expect(await runs(worker)).toHaveLength(1);
    expect(worker.shared.notices.map((each) => each.kind)).toEqual(["failed"]);
  });

  test.each([
    ["other places", "outbox/demo/a.zip"],
    ["deeper places", "inbox/demo/x/a.zip"],
    ["places below an upload", "inbox/demo/x.zip/a.zip"],
    ["names of no cluster", "inbox/../a.zip"],
    ["other files", "inbox/demo/a.tar"],
    ["a name with a blank", "inbox/demo/my config.zip"],
    ["a name with a plus", "inbox/demo/a+c.zip"],
    ["a name with a line end", "inbox/demo/a\nPlan: 0 to delete.zip"],
    ["a name that speaks to a terminal", "inbox/demo/a\u001b]52;c;aGk=\u0007.zip"],
    ["a name that turns the text", "inbox/demo/a\u202epiz.zip"],
    ["a name that begins with a dot", "inbox/demo/.zip.zip"],
    ["a name that is too long", `inbox/demo/${"a".repeat(197)}.zip`],
    ["what is not there any more", "inbox/demo/gone.zip"],
  ])("because it is about %s is ignored", async (_, key) => {
    const worker = await appliedDeployment(null);
    if (!key.endsWith("/gone.zip")) await put(worker, key);
    expect((await take(worker, { key })).tag).toBe("ignored");
    expect(await runs(worker)).toEqual([]);
  });

  test("because it is for a cluster that the deployment does not have makes none", async () => {
    const { shared } = await appliedDeployment(null);
    const settings = { ...SETTINGS, clusters: ["other" as ClusterName] };
    const worker = openWorker(shared, NO_INTERFERENCE, INVOCATION_MS, settings);
    await put(worker, KEY);
    expect((await take(worker)).tag).toBe("ignored");
    expect(await runs(worker)).toEqual([]);
  });

  test("because its ticket cannot be read is not that of its mapped principal meanwhile", async () => {
    const worker = await appliedDeployment(null);
    const request = { purpose: "bundle", mode: "plan", graph: null, git: null, caller: ANA } as const;
    const opened = await openUpload(worker.deployment, DEMO, request);
    if (opened.tag !== "opened") throw new Error(opened.tag);
    const { key } = opened.ticket;
    const secret = opened.link.headers["x-amz-meta-graphform-ticket"] ?? "";
    await put(worker, key, { ...AUTO, "graphform-ticket": secret });
    const records = {
      ...worker.deployment.records,
      get: () => Promise.resolve({ tag: "unavailable", reason: "down" } as const),
    };
    const deployment = { ...worker.deployment, records };
    expect((await takeUpload(deployment, event({ key }), worker.context)).tag).toBe("again");
    expect(await runs(worker)).toEqual([]);
  });

  test("because the store does not answer is taken when its event comes again", async () => {
    const worker = await appliedDeployment(null);
    await put(worker, KEY);
    const down = openWorker(
      worker.shared,
      interfering(() => "fail"),
    );
    expect((await take(down)).tag).toBe("again");
    expect((await take(worker)).tag).toBe("ordered");
    const inbox = {
      ...worker.deployment.inbox,
      read: () => Promise.resolve({ tag: "unavailable", reason: "down" } as const),
    };
    const unread = await takeUpload({ ...worker.deployment, inbox }, event(), worker.context);
    expect(unread).toMatchObject({ tag: "again", diagnostics: [{ code: "upload_read_error" }] });
  });
});
