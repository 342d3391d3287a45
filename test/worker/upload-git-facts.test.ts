/** What the metadata of an upload says of where its config came from: shown as far as it fits, and no reason to refuse. */
import { expect, test } from "vitest";
import type { LogEvent } from "../../lib/ports/log.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { filesOf, PERSON } from "../apply/cluster-files.ts";
import { appliedDeployment, recordOf, type Worker, work, worldOf, zipOf } from "./deployment.ts";

const KEY = "inbox/demo/build-7.zip";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

async function put(worker: Worker, metadata: Readonly<Record<string, string>>): Promise<void> {
  const bytes = await zipOf(filesOf({ graphs: { people: { schema: PERSON } } }));
  worker.shared.inbox.set(KEY, { bytes, metadata, version: '"etag-1"', uploaded_at: null });
}

function take(worker: Worker) {
  const event = { key: KEY, principal: "AWS:AROACI:build-7", versions: ["etag-1"] };
  return takeUpload(worker.deployment, event, worker.context);
}

test("An upload shows no credential of the address that its metadata names (U2)", async () => {
  const worker = await appliedDeployment(null);
  const repository = "https://ana:s3cret@git.example/acme/brain";
  await put(worker, { "graphform-git-commit": COMMIT, "graphform-git-repository": repository });
  expect(await take(worker)).toMatchObject({
    tag: "ordered",
    record: { git: { commit: COMMIT, repository: "git.example/acme/brain" } },
  });
  await work(worker);
  const world = worldOf(worker.shared);
  const texts = [...world.objects.objects.values()].map((each) => Buffer.from(each).toString());
  expect(texts.filter((each) => each.includes("s3cret"))).toEqual([]);
});

test.each([
  ["a word for a commit", { "graphform-git-commit": "s3cret" }, null, "commit, ref"],
  ["a ref and no commit", {}, null, "ref"],
  [
    "a token for a repository, and a ref that is none",
    {
      "graphform-git-commit": COMMIT,
      "graphform-git-ref": "s3cret ref",
      "graphform-git-repository": `ghp_s3cret${"a".repeat(30)}/x`,
    },
    { commit: COMMIT, ref: null, repository: null },
    "ref, repository",
  ],
  [
    "texts that are too long or cannot be shown",
    { "graphform-git-commit": "s3cret\u0007", "graphform-git-ref": "s3cret".repeat(300) },
    null,
    "commit, ref",
  ],
])(
  "An upload is planned also with %s, which is left out and told in the log",
  async (_, said, git, facts) => {
    const worker = await appliedDeployment(null);
    const told: LogEvent[] = [];
    Object.assign(worker.deployment, {
      log: { info: () => undefined, warn: (line: LogEvent) => told.push(line) },
    });
    await put(worker, { "graphform-git-ref": "main", ...said });
    const taken = await take(worker);
    await work(worker);
    if (taken.tag !== "ordered") throw new Error(taken.tag);
    expect(recordOf(worker.shared, taken.record.run_id)).toMatchObject({ outcome: "planned", git });
    expect(told).toEqual([{ event: "upload.git_left_out", cluster: "demo", facts }]);
    const kept = [...worldOf(worker.shared).objects.objects.values()].map((each) =>
      Buffer.from(each).toString(),
    );
    expect(kept.filter((each) => each.includes("s3cret"))).toEqual([]);
  },
);
