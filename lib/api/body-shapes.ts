/** Parts of request bodies that several routes take. */
import { z } from "@hono/zod-openapi";
import type { Digest } from "../digest/digest.ts";
import { type GraphId, type IncarnationId, isUlid, type PlanId, parseGraphId } from "../digest/ids.ts";
import { isGitCommit, isGitRef, shownRepository } from "../ledger/git-origin.ts";
import { GIT_TEXT_CHARACTERS_MAX } from "../ledger/limits.ts";
import { isRecordText } from "../ledger/record-text.ts";
import { REASON_CHARACTERS_MAX, TARGETS_MAX } from "./limits.ts";

const ONE_LINE = "must be one line without control characters";

/** Kept for ever and shown on terminals. */
export const reasonShape = z.string().max(REASON_CHARACTERS_MAX).refine(isRecordText, ONE_LINE).nullish();

/** Where who and why must be on record. */
export const givenReasonShape = z
  .string()
  .trim()
  .min(1, "must not be blank")
  .max(REASON_CHARACTERS_MAX)
  .refine(isRecordText, ONE_LINE);

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

/** Shown, never trusted; whatever could prove who somebody is goes no further than this (U2). */
export const gitShape = z
  .strictObject({
    commit: z.string().max(64).refine(isGitCommit, "is not the id of a commit"),
    ref: z.string().max(GIT_TEXT_CHARACTERS_MAX).refine(isGitRef, "is not a ref").nullable().default(null),
    repository: z
      .string()
      .max(GIT_TEXT_CHARACTERS_MAX)
      .refine((text) => shownRepository(text) !== null, "is not a repository")
      .transform(shownRepository)
      .nullable()
      .default(null),
  })
  .nullish();
