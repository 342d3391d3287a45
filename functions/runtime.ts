/** Runtime: what every handler starts with, once an execution environment. */

import { awsSettings } from "../lib/aws/clients.ts";
import type { Deployment } from "../lib/worker/deployment.ts";
import { decodeSettings } from "../lib/worker/settings.ts";
import { createDeployment } from "./deployment.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { createInvocation } from "./invocation.ts";
import type { OpenEngine } from "./open-engine.ts";
import { createPowertoolsLog, type FunctionLog } from "./powertools-log.ts";

export interface Runtime {
  readonly environment: Environment;
  readonly deployment: Deployment;
  readonly log: FunctionLog;
}

export async function openRuntime(openEngine: OpenEngine): Promise<Runtime> {
  const environment = readEnvironment(process.env);
  const document = await import(environment.GRAPHFORM_SETTINGS, { with: { type: "json" } });
  const read = decodeSettings(Buffer.from(JSON.stringify(document.default)));
  if (read.tag === "invalid") {
    throw new Error(read.diagnostics.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  }
  const lines = createPowertoolsLog();
  const { begin, holding } = createInvocation();
  const log: FunctionLog = {
    ...lines,
    begin: (context) => {
      lines.begin(context);
      begin(context.getRemainingTimeInMillis());
    },
  };
  const { settings } = read;
  const aws = awsSettings(process.env);
  const deployment = createDeployment({ environment, aws, settings, openEngine, log, holding });
  return { environment, deployment, log };
}
