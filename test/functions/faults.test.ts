/**
 * The flow on the wire while answers are lost, requests refused and throttled, events repeated and out of order, messages
 * handled twice at once, and with a hundred clusters side by side. Nothing is applied twice, nothing is lost, and history
 * has no gap.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FIND_PERSON, PERSON } from "../apply/cluster-files.ts";
import { seededRandom } from "../sim/random.ts";
import { lambdaContext, sqsEvent } from "./aws-events.ts";
import { manifestsOf, problemsAtRest } from "./cluster-at-rest.ts";
import { type Deployed, startDeployed } from "./deployed.ts";
import { readStored } from "./stored-cluster.ts";
import { arm, type ProxyName, SERVICES, STORM, STORM_ROUNDS, type StormFault } from "./storm.ts";
import {
  changesOf,
  configOf,
  handIn,
  historyOf,
  keysBelow,
  ledgerOf,
  newestRun,
  orderImport,
  SETTINGS,
  take,
  textAt,
  tick,
  uploadConfig,
} from "./wire-cluster.ts";

/** Each strikes at two moments. */
const ROUNDS = 2 * STORM_ROUNDS;
/** Chooses the moments. */
const SEED = Number(process.env["STORM_SEED"] ?? 7);
const CALM_ROUND = 0;
const PEOPLE = { schema: PERSON, queries: { find_person: FIND_PERSON } };
const QUERY = "query.people.find_person";

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
}, 120_000);
afterAll(() => deployed.stop());
beforeEach(clearProxies);

function clearProxies(): void {
  for (const proxy of Object.values(deployed.aws.proxies)) proxy.clear();
}

/** A config that can be told from others by its query, with a property for each round that there has been. */
function configOfRound(note: string, properties: readonly string[]) {
  const added = properties.map((each) => `  ${each}: String?\n`).join("");
  const schema = PERSON.replace(/}\n$/, `${added}}\n`);
  return configOf({ people: { schema, queries: { find_person: `// ${note}\n${FIND_PERSON}` } } });
}

async function appliedQuery(cluster: string): Promise<string> {
  const { digest } = (await ledgerOf(deployed, cluster)).applied_revision.resources[QUERY];
  const payloads = await keysBelow(deployed, `clusters/${cluster}/__cluster/resources/query/people/`);
  return textAt(deployed, payloads.find((each) => each.includes(digest)) ?? "");
}

describe("a deployment on the wire", () => {
  it("applies each upload once, whatever single requests of it meet (L1, L4, L7, A7, R6)", async () => {
    const cluster = "storm";
    await orderImport(deployed, cluster);
    await deployed.pump();
    await handIn(deployed, cluster, { name: "start", files: configOfRound("start", []), mode: "auto" });
    const calm = await calmRound(cluster);
    const random = seededRandom(SEED);
    const struck = new Set<StormFault>();

    let earlier = calm.notification;
    for (let round = CALM_ROUND + 1; round <= CALM_ROUND + ROUNDS; round += 1) {
      const uploads = await overwrittenUpload(cluster, round);
      clearProxies();
      const armed = SERVICES.map((service) => {
        const faults = STORM[service];
        const fault = faults[round % faults.length]!;
        struck.add(fault);
        return arm(deployed.aws.proxies[service], fault, random.below(calm.requests(service, fault)));
      });
      await playRound(uploads, earlier);
      const unmet = armed.filter((each) => each.met() !== 1).map((each) => each.name);
      expect(unmet, `round ${round}`).toEqual([]);
      clearProxies();
      await tickAndWork();
      expect(await appliedQuery(cluster), `round ${round}`).toContain(`// round-${round}\n`);
      earlier = uploads.newest;
    }

    expect(new Set((await deployed.notices()).map((each) => each.kind))).toEqual(new Set(["applied"]));
    expect(struck).toEqual(new Set(SERVICES.flatMap((service) => STORM[service])));
    const stored = await readStored(deployed.aws, cluster);
    expect(problemsAtRest(stored)).toEqual([]);
    // The first, and in the calm round and each of the storm one, although most events came twice.
    expect(changesOf(await historyOf(deployed, cluster), QUERY)).toHaveLength(2 + ROUNDS);
    const effects = manifestsOf(stored)
      .get("people.omni")
      ?.map((each) => each.cause);
    expect(effects?.filter((cause) => cause !== "fence")).toEqual([
      "create",
      ...Array.from({ length: 1 + ROUNDS }, () => "migrate"),
    ]);
  }, 300_000);

  it("lets no upload undo a newer one, in whatever order their events come (A5, A7)", async () => {
    const cluster = "order";
    await orderImport(deployed, cluster);
    await deployed.pump();
    const upload = (name: string) =>
      uploadConfig(deployed, cluster, { name, files: configOfRound(name, []), mode: "auto" });
    const [first, early] = [await upload("first"), await upload("early")];
    await nextSecond();
    const newer = await upload("newer");
    await nextSecond();
    const newest = await upload("newest");

    await take(deployed, first);
    await deployed.pump();
    await take(deployed, newest);
    await take(deployed, newer);
    await deployed.pump();
    expect(await appliedQuery(cluster)).toContain("// newest\n");
    const revisions = (await historyOf(deployed, cluster)).length;
    for (const event of [early, newest, newer, early, first]) {
      await take(deployed, event);
      await deployed.pump();
    }
    await tickAndWork();

    expect(await appliedQuery(cluster)).toContain("// newest\n");
    expect(await historyOf(deployed, cluster)).toHaveLength(revisions);
    expect(await newestRun(deployed, cluster)).toMatchObject({
      outcome: "planned",
      diagnostics: ["upload_superseded"],
      upload: { key: `inbox/${cluster}/early.zip` },
    });
    expect(changesOf(await historyOf(deployed, cluster), QUERY)).toHaveLength(3);
  }, 120_000);

  it("does once what two workers take on at once, because the visibility of its message has passed (K2, A7)", async () => {
    const cluster = "twice";
    await orderImport(deployed, cluster);
    await deployed.pump();
    const files = configOf({ people: PEOPLE });
    await take(deployed, await uploadConfig(deployed, cluster, { name: "first", files, mode: "auto" }));
    const body = JSON.stringify({ format_version: 1, kind: "drain", cluster });
    const delivery = { queueArn: "arn:aws:sqs:us-east-1:111122223333:applies.fifo", body, group: cluster };

    const answers = await Promise.all(
      ["a", "b", "c"].map((messageId) =>
        deployed.handlers.apply.handler(sqsEvent({ ...delivery, messageId }), lambdaContext()),
      ),
    );
    await deployed.pump();

    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ batchItemFailures: [] })));
    const receipts = await historyOf(deployed, cluster);
    const created = changesOf(receipts, "graph.people").filter((each) => each.kind === "final");
    expect(created).toHaveLength(1);
    expect(await keysBelow(deployed, `clusters/${cluster}/graphs/people.omni/__manifest/`)).toHaveLength(1);
  }, 120_000);
});

/** S3 says in whole seconds when it took an upload. */
function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_100));
}

interface OverwrittenUpload {
  /** The event of what was there first. */
  readonly overwritten: string;
  /** The event of what is there now. */
  readonly newest: string;
}

/** Somebody uploads to the same place again before anybody has looked. */
async function overwrittenUpload(cluster: string, round: number): Promise<OverwrittenUpload> {
  const upload = (note: string, property: string) => {
    const earlier = Array.from({ length: round - CALM_ROUND }, (_, index) => `r${index + CALM_ROUND}`);
    const files = configOfRound(note, [...earlier, property]);
    return uploadConfig(deployed, cluster, { name: `round${round}`, mode: "auto", files });
  };
  const overwritten = await upload(`round-${round}, too early`, "early");
  return { overwritten, newest: await upload(`round-${round}`, `r${round}`) };
}

/** The events come in the wrong order and twice, and one of an earlier round comes again. */
async function playRound({ overwritten, newest }: OverwrittenUpload, earlier: string): Promise<void> {
  await take(deployed, newest);
  await take(deployed, overwritten);
  await take(deployed, newest);
  await deployed.pump();
  await take(deployed, earlier);
  await tickAndWork();
}

async function tickAndWork(): Promise<void> {
  await tick(deployed, "watch");
  await deployed.pump();
}

/** A round without a fault: which requests it has, so that faults are armed where there are some. */
async function calmRound(cluster: string) {
  const uploads = await overwrittenUpload(cluster, CALM_ROUND);
  clearProxies();
  await playRound(uploads, uploads.overwritten);
  const { proxies } = deployed.aws;
  const seen = new Map(SERVICES.map((service) => [service, [...proxies[service].seen]]));
  const requests = (service: ProxyName, { name, strikes }: StormFault): number => {
    const count = seen.get(service)?.filter(strikes).length ?? 0;
    if (count === 0) throw new Error(`no request of ${service} can meet: ${name}`);
    return count;
  };
  return { notification: uploads.newest, requests };
}
