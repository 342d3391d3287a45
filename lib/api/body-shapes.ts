/** Parts of request bodies that several routes take. */
import { z } from "@hono/zod-openapi";
import type { Digest } from "../digest/digest.ts";
import { type GraphId, type IncarnationId, isUlid, type PlanId, parseGraphId } from "../digest/ids.ts";
import { REASON_CHARACTERS_MAX, TARGETS_MAX } from "./limits.ts";

export const reasonShape = z.string().max(REASON_CHARACTERS_MAX).nullish();

/** Where who and why must be on record. */
export const givenReasonShape = z.string().trim().min(1, "must not be blank").max(REASON_CHARACTERS_MAX);

export const graphShape = z
  .string()
  .refine((text) => parseGraphId(text) !== null, "is not a graph id")
  .transform((text) => text as GraphId);

export const digestShape = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
  .transform((text) => text as Digest);

const ulid = z.string().refine(isUlid, "is not a ULID");

export const planIdShape = ulid.transform((text) => text as PlanId);
export const incarnationShape = ulid.transform((text) => text as IncarnationId);

export const targetsShape = z.array(graphShape).min(1).max(TARGETS_MAX).nullish();

export const gitShape = z
  .strictObject({
    commit: z.string().max(256),
    ref: z.string().max(1024).nullable().default(null),
    repository: z.string().max(1024).nullable().default(null),
  })
  .nullish();
