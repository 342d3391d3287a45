/**
 * How config folders and rows come in: through the API itself, or by a link for one upload. What reads archives and
 * compiles configs is loaded by the first request that needs it.
 */
import { z } from "@hono/zod-openapi";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { KeptBundle } from "../intake/keep-bundle.ts";
import { openUpload, type UploadRequest, uploadBytesMax } from "../worker/upload-ticket.ts";
import type { ClusterExchange } from "./api.ts";
import { unbegun } from "./begun-cluster.ts";
import { digestShape, gitShape, graphShape } from "./body-shapes.ts";
import { ARCHIVE_TYPES, wrongType } from "./body-type.ts";
import { bundleShape, uploadShape, validateShape } from "./document-shapes.ts";
import { jsonAnswer } from "./json-answer.ts";
import { BUNDLE_BODY_BYTES_MAX } from "./limits.ts";
import { permit } from "./permit.ts";
import type { Refusal } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { type ApiRoute, clusterRoute, type RouteResult } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

export const BUNDLE_OUTPUT_FORMAT_VERSION = 1;
export const UPLOAD_OUTPUT_FORMAT_VERSION = 1;

/** Content names it, so sending it twice keeps it once. */
const bundles = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/bundles",
    operation: "keepBundle",
    summary: "Keeps a config folder, packed as a zip, under the digest of its files",
    body_types: ARCHIVE_TYPES,
    answers: { 201: { description: "The digest, by which plans name it", shape: bundleShape } },
  },
  "cluster_plan",
  async (exchange) => {
    const { request, ports, caller } = exchange;
    const absent = await unbegun(exchange);
    if (absent !== null) return absent;
    const read = await readBody(request, BUNDLE_BODY_BYTES_MAX);
    if (read.tag === "refused") return read.refusal;
    const wrong = wrongType(request, read.bytes, ARCHIVE_TYPES);
    if (wrong !== null) return wrong;
    const { keepBundle } = await import("../intake/keep-bundle.ts");
    return keptAnswer(await keepBundle(ports, read.bytes, caller.actor));
  },
);

function keptAnswer(kept: KeptBundle): RouteResult {
  if (kept.tag !== "kept") return unkept(kept);
  const { bundle_digest, diagnostics } = kept;
  return jsonAnswer({ format_version: BUNDLE_OUTPUT_FORMAT_VERSION, bundle_digest, diagnostics }, 201);
}

function unkept(failed: {
  readonly tag: "refused" | "unavailable";
  readonly diagnostics: readonly Diagnostic[];
}): Refusal {
  const { tag, diagnostics } = failed;
  return tag === "unavailable" ? { status: 503, diagnostics } : refusalOf(diagnostics);
}

const validate = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/validate",
    operation: "validateBundle",
    summary: "Everything that is wrong with a kept config folder",
    body: z.strictObject({ bundle_digest: digestShape }),
    answers: { 200: { description: "What the validate command prints", shape: validateShape } },
  },
  "cluster_validate",
  async ({ ports }, { body }) => {
    const { validateBundle } = await import("./validate-bundle.ts");
    const validated = await validateBundle(ports, body.bundle_digest);
    return validated.tag === "validated" ? jsonAnswer(validated.output) : unkept(validated);
  },
);

const uploadBody = z.discriminatedUnion("purpose", [
  z.strictObject({
    purpose: z.literal("bundle"),
    mode: z.enum(["plan", "auto"]).default("plan"),
    git: gitShape,
  }),
  z.strictObject({ purpose: z.literal("kept_bundle") }),
  z.strictObject({ purpose: z.literal("load"), graph: graphShape }),
]);

/** The link holds a secret, so its answer is kept nowhere: asked twice, there are two links. */
const uploads = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/uploads",
    operation: "createUpload",
    summary:
      "A link for one upload: of a config folder, which is planned when it arrives or only kept, or of rows to load",
    body: uploadBody,
    answers: { 201: { description: "The link, and what must be sent with it", shape: uploadShape } },
  },
  null,
  async (exchange, { body }) => {
    const denied = await permit(
      exchange,
      body.purpose === "load"
        ? { kind: "graph", action: "change", graph: body.graph }
        : { kind: "control", action: "cluster_plan" },
    );
    // Who may change a graph has an applied policy that says so.
    const absent = denied === null && body.purpose !== "load" ? await unbegun(exchange) : denied;
    return absent ?? createUpload(exchange, body);
  },
);

async function createUpload(
  { api, cluster, caller }: ClusterExchange,
  body: z.output<typeof uploadBody>,
): Promise<RouteResult> {
  const opened = await openUpload(api.deployment, cluster, { ...wantedOf(body), caller });
  if (opened.tag === "refused") return refusalOf(opened.diagnostics);
  const { upload_id } = opened.ticket;
  const bytes_max = uploadBytesMax(body.purpose);
  const format_version = UPLOAD_OUTPUT_FORMAT_VERSION;
  return jsonAnswer({ format_version, upload_id, bytes_max, ...opened.link }, 201);
}

function wantedOf(body: z.output<typeof uploadBody>): Omit<UploadRequest, "caller"> {
  const nothing = { mode: "plan", graph: null, git: null } as const;
  switch (body.purpose) {
    case "bundle":
      return { ...nothing, purpose: body.purpose, mode: body.mode, git: body.git ?? null };
    case "kept_bundle":
      return { ...nothing, purpose: body.purpose };
    case "load":
      return { ...nothing, purpose: body.purpose, graph: body.graph };
    default:
      return assertNever(body);
  }
}

const keepUploaded = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/uploads/{upload}/bundle",
    operation: "keepUploadedBundle",
    summary: "Keeps a config folder that came by a link, as if it had come in a request",
    body: z.strictObject({}),
    answers: { 201: { description: "The digest, by which plans name it", shape: bundleShape } },
  },
  "cluster_plan",
  async ({ api, cluster, caller, params }) => {
    const { keepUploadedBundle } = await import("../worker/keep-uploaded-bundle.ts");
    return keptAnswer(await keepUploadedBundle(api.deployment, cluster, caller, params["upload"] ?? ""));
  },
);

export const UPLOAD_ROUTES: readonly ApiRoute[] = [bundles, validate, uploads, keepUploaded];
