/**
 * The engine on Lance in a bucket when the network fails under Lance's own S3 client, which repeats requests by itself:
 * whatever the outcome, no row is lost that was reported, none appears twice, and the graph can be written again.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bucketPlace, s3Url } from "../../lib/aws/bucket-place.ts";
import { createS3GraphStorage } from "../../lib/aws/graph-storage.ts";
import { lanceStorageOptions } from "../../lib/aws/lance-options.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import { createLanceTables } from "../../lib/engine/lance/lance-tables.ts";
import {
  created,
  GRAPH,
  loaded,
  loading,
  namesOf,
  openSubject,
  person,
  type Subject,
} from "../contract/engine-subject.ts";
import type { Fault, SeenRequest } from "../wire/emulators/fault-proxy.ts";
import { s3Error } from "../wire/emulators/s3-server.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

let aws: Aws;
let subject: Subject;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  const place = bucketPlace(aws.bucket, `clusters/${aws.name()}`);
  subject = openSubject({
    openStore: () => createS3ObjectStore(aws.s3, place),
    openTables: () =>
      createLanceTables({
        root: s3Url(place),
        storage: createS3GraphStorage(aws.s3, place),
        storage_options: lanceStorageOptions(aws.settings),
      }),
    close: async () => undefined,
  });
  await created(subject);
  aws.proxies.s3.clear();
});
afterEach(() => {
  aws.proxies.s3.clear();
  return subject.close();
});

const isLance = ({ path }: SeenRequest): boolean => path.includes(".lance/");
const isCommit = (request: SeenRequest): boolean =>
  request.method === "PUT" && isLance(request) && request.path.includes("/_versions/");
const isData = (request: SeenRequest): boolean =>
  request.method === "PUT" && isLance(request) && request.path.includes("/data/");

describe("a load into a bucket", () => {
  const cases: readonly (readonly [string, Fault, (request: SeenRequest) => boolean])[] = [
    ["a commit of Lance loses its answer", { tag: "drop_answer" }, isCommit],
    [
      "a commit of Lance is answered 500 after it landed",
      { tag: "answer_after", reply: s3Error(500, "InternalError") },
      isCommit,
    ],
    ["a commit of Lance never arrives", { tag: "reset" }, isCommit],
    [
      "a commit of Lance meets a conflict",
      { tag: "answer", reply: s3Error(409, "ConditionalRequestConflict") },
      isCommit,
    ],
    ["rows lose their answer", { tag: "drop_answer" }, isData],
    ["S3 throttles", { tag: "answer", reply: s3Error(503, "SlowDown") }, isLance],
  ];
  for (const [title, fault, matches] of cases) {
    it(`while ${title} ends in an outcome, and its rows are there once or not at all`, async () => {
      const met = aws.proxies.s3.inject(fault, matches);
      const outcome = await subject.first.engine.load(loading(subject, [person("ada")]));
      expect(met()).toBe(1);
      const names = await namesOf(subject.second);
      expect(names).toEqual(outcome.tag === "done" ? ["ada"] : []);
      await loaded(subject, [person("ada"), person("bob")]);
      expect([...(await namesOf(subject.second))].sort()).toEqual(["ada", "bob"]);
    });
  }

  it("goes to the server that was passed, although a variable of the process names another", async () => {
    const named = process.env["AWS_ENDPOINT_URL_S3"];
    process.env["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9";
    try {
      await loaded(subject, [person("ada")]);
      expect(aws.proxies.s3.seen.filter(isCommit)).not.toHaveLength(0);
    } finally {
      if (named === undefined) delete process.env["AWS_ENDPOINT_URL_S3"];
      else process.env["AWS_ENDPOINT_URL_S3"] = named;
    }
  });

  it("that is too large for one request is sent in parts and read in ranges", async () => {
    const rows = Array.from({ length: 12_000 }, (_, n) => person(`p${n}`, { note: noise(n) }));
    await loaded(subject, rows);
    const seen = aws.proxies.s3.seen.filter(isLance);
    expect(seen.filter(({ path }) => path.includes("partNumber=")).length).toBeGreaterThan(1);
    const counted = await subject.second.engine.count({ graph: GRAPH });
    expect(JSON.stringify(counted)).toContain("12000");
    expect(seen.length).toBeGreaterThan(0);
    expect(await namesOf(subject.second)).toHaveLength(rows.length);
    expect(aws.proxies.s3.seen.some(({ headers }) => headers.range !== undefined)).toBe(true);
  });
});

/** Text of 600 characters that does not compress. */
function noise(seed: number): string {
  let state = seed + 1;
  let text = "";
  while (text.length < 600) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, 600);
}
