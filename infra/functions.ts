/**
 * Functions: one for each kind of prompt, each with exactly the permissions that are listed with it. What the bucket
 * refuses to everybody (bucket-policy.ts) comes on top.
 *
 * None has a concurrency reserved: a new account has too little of it to give any away. How many work at once is
 * limited where their messages come from.
 */
import { Fn, Stack } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Code, type ILayerVersion, LayerVersion } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { SettledInputs } from "./architecture.ts";
import * as grants from "./grants.ts";
import { type FunctionShape, GraphformFunction } from "./graphform-function.ts";
import type { HandlerCode, LayerName } from "./handler-code.ts";
import { KEYS } from "./keys.ts";
import * as limits from "./limits.ts";
import type { Notices } from "./notices.ts";
import type { Queues } from "./queues.ts";

export interface FunctionParts {
  readonly inputs: SettledInputs;
  readonly code: HandlerCode;
  readonly bucket: Bucket;
  readonly table: Table;
  readonly queues: Queues;
  readonly notices: Notices;
  /** What names the APIs in their events. */
  readonly api_environment: Readonly<Record<string, string>>;
}

/** What a run leaves that takes no lease: never a receipt, a head, an approval or the rules. */
const RUN_RECORDS = [KEYS.runs, KEYS.openRuns, KEYS.runOutputs, KEYS.authors, KEYS.audit] as const;

export class Functions extends Construct {
  readonly api: GraphformFunction;
  readonly operate: GraphformFunction;
  readonly intake: GraphformFunction;
  readonly plan: GraphformFunction;
  readonly apply: GraphformFunction;
  readonly schedule: GraphformFunction;
  readonly deadLetter: GraphformFunction;
  readonly #parts: FunctionParts;
  readonly #layers: Readonly<Record<LayerName, ILayerVersion>>;

  constructor(scope: Construct, parts: FunctionParts) {
    super(scope, "Functions");
    this.#parts = parts;
    this.#layers = layersOf(this, parts);
    this.api = this.#api();
    this.operate = this.#operate();
    this.intake = this.#intake();
    this.plan = this.#plan();
    this.apply = this.#apply();
    this.schedule = this.#schedule();
    this.deadLetter = this.#deadLetter();
  }

  get all(): readonly GraphformFunction[] {
    return [this.api, this.operate, this.intake, this.plan, this.apply, this.schedule, this.deadLetter];
  }

  /**
   * Reads everything but rows, and exports for the links to them; writes what people say, and nothing that says what is
   * deployed; breaks a lock.
   */
  #api(): GraphformFunction {
    const { bucket, table, queues } = this.#parts;
    return this.#make({
      name: "api",
      description: "HTTP API: everything that neither touches rows nor changes the ledger",
      layers: ["cedar"],
      timeout_s: limits.API_TIMEOUT_S,
      memory_mb: limits.API_MEMORY_MB,
      may: [
        grants.mayList(bucket),
        grants.mayRead(
          bucket,
          KEYS.clusterRecords,
          KEYS.records,
          KEYS.manifests,
          KEYS.rootMarkers,
          KEYS.deployment,
          KEYS.inbox,
          KEYS.exports,
        ),
        grants.mayWrite(
          bucket,
          KEYS.bundles,
          KEYS.runs,
          KEYS.openRuns,
          KEYS.requestKeys,
          KEYS.audit,
          KEYS.evidence,
          KEYS.approvalArtifacts,
          KEYS.unlocks,
          KEYS.blocked,
          KEYS.deployment,
          KEYS.inbox,
        ),
        grants.mayRemove(bucket, KEYS.lock, KEYS.openRuns),
        grants.mayHoldLease(table),
        grants.maySend(queues.applies.queue, queues.tasks.queue),
        ...this.#mayTellPeople(),
      ],
    });
  }

  /** The routes that take the lease or touch rows. */
  #operate(): GraphformFunction {
    const { bucket, table, queues } = this.#parts;
    return this.#make({
      name: "operate",
      description: "HTTP API: export, restore, protect, reclaim, discard",
      layers: ["cedar", "lance"],
      timeout_s: limits.API_TIMEOUT_S,
      memory_mb: limits.GRAPH_MEMORY_MB,
      may: [
        grants.mayList(bucket),
        grants.mayRead(bucket, KEYS.clusterRecords, KEYS.records, KEYS.graphs, KEYS.deployment),
        grants.mayWrite(
          bucket,
          KEYS.ledger,
          KEYS.lock,
          KEYS.sidecars,
          KEYS.approvalArtifacts,
          KEYS.records,
          KEYS.manifests,
          KEYS.rootMarkers,
          KEYS.deployment,
        ),
        grants.mayRemove(bucket, KEYS.lock, KEYS.sidecars, KEYS.openRuns, KEYS.rows),
        grants.mayHoldLease(table),
        grants.maySend(queues.applies.queue, queues.tasks.queue),
        ...this.#mayTellPeople(),
      ],
    });
  }

  /** Takes what was uploaded, keeps it and orders what its sender may ask for, or says why not; sees no graph. */
  #intake(): GraphformFunction {
    const { bucket, queues } = this.#parts;
    const { queue } = queues.uploads;
    const made = this.#make({
      name: "intake",
      description: "Takes an uploaded bundle and orders its plan",
      layers: ["cedar"],
      timeout_s: limits.INTAKE_TIMEOUT_S,
      memory_mb: limits.API_MEMORY_MB,
      may: [
        grants.mayList(bucket),
        grants.mayRead(bucket, KEYS.inbox, KEYS.clusterRecords, KEYS.records, KEYS.deployment),
        grants.mayWrite(bucket, ...RUN_RECORDS, KEYS.bundles, KEYS.requestKeys, KEYS.deployment),
        grants.mayRemove(bucket, KEYS.openRuns),
        grants.maySend(queues.applies.queue, queues.tasks.queue),
        grants.mayTake(queue),
        ...this.#mayTellPeople(),
      ],
    });
    return feed(made, queue);
  }

  /** Plans read everything and write records; loads write rows and manifests, exports files. None holds the lease. */
  #plan(): GraphformFunction {
    const { inputs, bucket, table, queues } = this.#parts;
    const { queue } = queues.tasks;
    const made = this.#make({
      name: "plan",
      description: "Makes plans, loads rows and exports them",
      layers: ["cedar", "lance"],
      timeout_s: inputs.worker_minutes * 60,
      memory_mb: limits.GRAPH_MEMORY_MB,
      may: [
        grants.mayList(bucket),
        grants.mayRead(bucket, KEYS.clusterRecords, KEYS.records, KEYS.graphs, KEYS.inbox, KEYS.deployment),
        grants.mayWrite(bucket, ...RUN_RECORDS, KEYS.plans, KEYS.manifests, KEYS.rows, KEYS.exports),
        grants.mayRemove(bucket, KEYS.openRuns, KEYS.rows),
        grants.mayGiveUpUploads(bucket, KEYS.rows, KEYS.exports),
        grants.maySeeLease(table),
        grants.mayTake(queue),
        ...this.#mayTellPeople(),
      ],
    });
    return feed(made, queue);
  }

  /**
   * The only one that changes ledger, payloads and graphs together, under the lease. A long run goes on by a prompt to
   * its own queue; no other function sends to a queue that leads back to it.
   */
  #apply(): GraphformFunction {
    const { inputs, bucket, table, queues } = this.#parts;
    const { queue } = queues.applies;
    const made = this.#make({
      name: "apply",
      description: "Works through the runs of a cluster under its lease: apply, refresh, import, recovery",
      layers: ["cedar", "lance"],
      prompts_itself: true,
      timeout_s: inputs.worker_minutes * 60,
      memory_mb: limits.GRAPH_MEMORY_MB,
      may: [
        grants.mayList(bucket),
        grants.mayRead(bucket, KEYS.clusterRecords, KEYS.records, KEYS.graphs, KEYS.deployment),
        grants.mayWrite(
          bucket,
          KEYS.ledger,
          KEYS.lock,
          KEYS.sidecars,
          KEYS.approvalArtifacts,
          KEYS.payloads,
          KEYS.records,
          KEYS.manifests,
          KEYS.rootMarkers,
          KEYS.rows,
        ),
        grants.mayRemove(bucket, KEYS.lock, KEYS.sidecars, KEYS.openRuns, KEYS.rows),
        grants.mayGiveUpUploads(bucket, KEYS.rows),
        grants.mayHoldLease(table),
        grants.maySend(queues.applies.queue, queues.tasks.queue),
        grants.mayTake(queue),
        ...this.#mayTellPeople(),
      ],
    });
    return feed(made, queue);
  }

  /** Finds the clusters and prompts; reads nothing but names. */
  #schedule(): GraphformFunction {
    const { bucket, queues } = this.#parts;
    return this.#make({
      name: "schedule",
      description: "Prompts every cluster to be watched or refreshed",
      layers: [],
      timeout_s: limits.SCHEDULE_TIMEOUT_S,
      memory_mb: limits.SMALL_MEMORY_MB,
      may: [grants.mayList(bucket), grants.maySend(queues.applies.queue, queues.tasks.queue)],
    });
  }

  /** Marks the cluster of a message that nobody could finish; touches nothing else. */
  #deadLetter(): GraphformFunction {
    const { bucket, queues } = this.#parts;
    const letters = [queues.applies.deadLetters, queues.tasks.deadLetters] as const;
    const made = this.#make({
      name: "dead-letter",
      description: "Marks the cluster of a dead message as blocked",
      layers: [],
      timeout_s: limits.DEAD_LETTER_TIMEOUT_S,
      memory_mb: limits.SMALL_MEMORY_MB,
      may: [
        grants.mayList(bucket),
        grants.mayRead(bucket, KEYS.records),
        grants.mayWrite(bucket, KEYS.blocked, KEYS.runs, KEYS.runOutputs),
        grants.mayRemove(bucket, KEYS.openRuns),
        grants.mayTake(...letters),
        ...this.#mayTellPeople(),
      ],
    });
    for (const queue of letters) feed(made, queue);
    return made;
  }

  #mayTellPeople(): readonly PolicyStatement[] {
    const { notices } = this.#parts;
    const sns = Fn.join(".", ["sns", Stack.of(this).region, Stack.of(this).urlSuffix]);
    return [grants.mayTell(notices.notices), grants.mayEncryptNotices(notices.key, sns)];
  }

  #make(
    shape: Omit<FunctionShape, "code" | "layers" | "environment"> & { readonly layers: readonly LayerName[] },
  ): GraphformFunction {
    const { inputs, code, bucket, table, queues, notices, api_environment } = this.#parts;
    return new GraphformFunction(this, inputs, {
      ...shape,
      code: code.handlers[shape.name],
      layers: [this.#layers.settings, ...shape.layers.map((name) => this.#layers[name])],
      environment: {
        GRAPHFORM_SETTINGS: "/opt/graphform/settings.json",
        GRAPHFORM_BUCKET: bucket.bucketName,
        GRAPHFORM_LEASE_TABLE: table.tableName,
        GRAPHFORM_APPLIES_QUEUE: queues.applies.queue.queueUrl,
        GRAPHFORM_TASKS_QUEUE: queues.tasks.queue.queueUrl,
        GRAPHFORM_NOTICES_TOPIC: notices.notices.topicArn,
        ...api_environment,
        POWERTOOLS_SERVICE_NAME: `graphform-${shape.name}`,
      },
    });
  }
}

function layersOf(
  scope: Construct,
  { code, inputs }: FunctionParts,
): Readonly<Record<LayerName, ILayerVersion>> {
  const layer = (name: LayerName, description: string) =>
    new LayerVersion(scope, `${name}-layer`, { code: Code.fromAsset(code.layers[name]), description });
  return {
    settings: layer("settings", "What the operator of the deployment decides"),
    cedar: layer("cedar", "Cedar, which decides"),
    lance: layer("lance", `Lance, which keeps rows, for ${inputs.architecture}`),
  };
}

/** The function takes the messages of `queue`, and says of each whether it is done. */
function feed(made: GraphformFunction, queue: Queue): GraphformFunction {
  made.lambda.addEventSource(
    new SqsEventSource(queue, {
      batchSize: limits.BATCH_MESSAGES,
      reportBatchItemFailures: true,
      maxConcurrency: limits.WORKERS_MAX,
    }),
  );
  return made;
}
