/** Environment: what the stack tells the functions (infra/functions.ts). One that lacks something is a defect. */
import { z } from "zod";

const text = z.string().min(1);

const shape = z.object({
  /** The file of settings, in a layer: an environment holds only 4 KiB. */
  GRAPHFORM_SETTINGS: text,
  GRAPHFORM_BUCKET: text,
  GRAPHFORM_LEASE_TABLE: text,
  GRAPHFORM_APPLIES_QUEUE: text,
  GRAPHFORM_TASKS_QUEUE: text,
  GRAPHFORM_NOTICES_TOPIC: text,
  /** The one API, or that of IAM where tokens have one of their own. */
  GRAPHFORM_API_ID: text,
  GRAPHFORM_TOKEN_API_ID: text.optional(),
  AWS_LAMBDA_FUNCTION_NAME: text,
});

export type Environment = z.output<typeof shape>;

export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Environment {
  return shape.parse(environment);
}
