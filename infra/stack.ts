/** The stack of one deployment: its parts, in the order in which they know of each other. */

import { type App, CfnOutput, Stack } from "aws-cdk-lib";
import { Alarms } from "./alarms.ts";
import type { SettledInputs } from "./architecture.ts";
import { Callers } from "./callers.ts";
import { dashboard } from "./dashboard.ts";
import { Functions } from "./functions.ts";
import type { HandlerCode } from "./handler-code.ts";
import { apiEnvironment, type HttpApi, httpApis } from "./http-api.ts";
import { leaseTable } from "./lease-table.ts";
import { Notices } from "./notices.ts";
import { Queues } from "./queues.ts";
import { RunMetrics } from "./run-metrics.ts";
import { Schedules } from "./schedules.ts";
import { Storage } from "./storage.ts";

export class GraphformStack extends Stack {
  constructor(app: App, inputs: SettledInputs, code: HandlerCode) {
    super(app, inputs.stack_name, { description: "Graphform: plan and apply clusters of graphs" });
    const { bucket, ...storage } = this.#storage(inputs);
    const table = leaseTable(this, inputs);
    const notices = new Notices(this, inputs);
    const apis = httpApis(this, inputs);
    const functions = new Functions(this, {
      inputs,
      code,
      bucket,
      table,
      queues: storage.queues,
      notices,
      api_environment: apiEnvironment(apis),
    });
    for (const api of apis) api.addRoutes(functions.api, functions.operate);
    new Schedules(this, inputs, functions.schedule);
    const watched = { queues: storage.queues, functions: functions.all, apis };
    const { schedule } = functions;
    const alarms = new Alarms(this, {
      ...watched,
      schedule,
      watch: inputs.schedule.watch,
      table,
      topic: notices.alarms,
    });
    dashboard(this, { ...watched, alarms, runs: new RunMetrics(this, functions.all) });
    const stores = { bucket: bucket.bucketName, table: table.tableName };
    this.#tell(apis, notices, stores, new Callers(this, inputs, apis, bucket));
  }

  #storage(inputs: SettledInputs) {
    const queues = new Queues(this, inputs);
    const storage = new Storage(this, inputs);
    storage.announceUploads(queues.uploads.queue);
    return { bucket: storage.bucket, queues };
  }

  #tell(
    apis: readonly HttpApi[],
    notices: Notices,
    stores: { readonly bucket: string; readonly table: string },
    callers: Callers,
  ): void {
    const outputs = {
      ...urlsOf(apis),
      BucketName: stores.bucket,
      // As `deployment.json` names it, for `graphform restore-cluster --lease-table`.
      LeaseTableName: `${this.region}/${stores.table}`,
      NoticesTopic: notices.notices.topicArn,
      AlarmsTopic: notices.alarms.topicArn,
      ...(callers.callApi === null ? {} : { CallApiPolicy: callers.callApi.managedPolicyArn }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** Of two, each says whom it is for. */
function urlsOf(apis: readonly HttpApi[]): Readonly<Record<string, string>> {
  const names = { iam: "IamApiUrl", jwt: "TokenApiUrl" } as const;
  const name = (kind: HttpApi["kind"]) => (apis.length === 1 ? "ApiUrl" : names[kind]);
  return Object.fromEntries(apis.map(({ kind, url }) => [name(kind), url]));
}
