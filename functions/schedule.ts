/**
 * Schedule: prompts every cluster to be watched, refreshed or reclaimed. It looks at no cluster itself, so that none has to wait
 * for another. A tick that fails is repeated; one that comes twice prompts twice, which changes nothing.
 */
import type { Context } from "aws-lambda";
import { z } from "zod";
import { inWaves } from "../lib/apply/wave.ts";
import { promptSchedule } from "../lib/worker/prompt.ts";
import { SCHEDULED_KINDS } from "../lib/worker/work-message.ts";
import { chainsOnly } from "./open-engine.ts";
import { openRuntime } from "./runtime.ts";

const shape = z.strictObject({ format_version: z.literal(1), kind: z.enum(SCHEDULED_KINDS) });

const { deployment, log } = await openRuntime(chainsOnly);

export async function handler(event: unknown, context: Context): Promise<{ readonly prompted: number }> {
  log.begin(context);
  const { kind } = shape.parse(event);
  const listed = await deployment.clusters();
  if (listed.tag === "unavailable") throw new Error(`the clusters could not be listed: ${listed.reason}`);
  const served = listed.names.filter((name) => deployment.settings.clusters?.includes(name) ?? true);
  const sent = await inWaves(served, (cluster) => promptSchedule(deployment, cluster, kind));
  const prompted = sent.filter(Boolean).length;
  log.info({ event: "schedule.prompted", kind, clusters: served.length, prompted });
  if (prompted < served.length) throw new Error(`${served.length - prompted} clusters could not be prompted`);
  return { prompted };
}
