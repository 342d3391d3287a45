/**
 * Run output: what a run has answered, as the command line prints it with `--json`, kept at
 * `__graphform/run-outputs/<run id>.json`, so that a run reads the same wherever it ran. The newest attempt's stays.
 *
 * It is for reading only: what was done is in the ledger, how far the run is in its record. It is kept before the record
 * says that the run has ended, so that whoever sees the end finds the answer.
 */
import { z } from "zod";
import type { ApplyOutput } from "../apply/apply-output.ts";
import type { LoadRunOutput } from "../apply/load-graph.ts";
import type { Address } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { type GraphId, isUlid, type RunId } from "../digest/ids.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { moveOnce, putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import type { RefreshOutput } from "../observe/observe-output.ts";
import type { OperateOutput } from "../operate/operate-output.ts";
import type { Recovered } from "../operate/recover-cluster.ts";
import { exactNumbers } from "../plan/plan-document.ts";
import type { PlanOutput } from "../plan/plan-output.ts";
import type { Ids } from "../ports/ids.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import { RUN_OUTPUT_BYTES_MAX, RUN_OUTPUT_TRIES_MAX } from "./limits.ts";

export const RUN_OUTPUT_FORMAT_VERSION = 1;

/** The answer of an export: what lies in its file. */
export interface ExportRunOutput {
  readonly ok: true;
  readonly format_version: 1;
  readonly graph: GraphId;
  readonly manifest_version: number;
  readonly rows: number;
  readonly bytes: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The answer of a run that came to no command. */
export interface RefusedOutput {
  readonly ok: false;
  readonly format_version: 1;
  readonly diagnostics: readonly Diagnostic[];
}

export type RunAnswer =
  | { readonly kind: "plan"; readonly output: PlanOutput }
  | { readonly kind: "apply"; readonly output: ApplyOutput }
  | { readonly kind: "refresh"; readonly output: RefreshOutput }
  | { readonly kind: "operate"; readonly output: OperateOutput<Recovered> }
  | { readonly kind: "load"; readonly output: LoadRunOutput }
  | { readonly kind: "export"; readonly output: ExportRunOutput }
  | { readonly kind: "refused"; readonly output: RefusedOutput };

/** An answer as it was kept: a JSON document of the kind. */
export interface KeptAnswer {
  readonly kind: RunAnswer["kind"];
  readonly output: Readonly<Record<string, unknown>>;
}

/**
 * What a run that has waited for an approval had left undone then, beside the answer of an attempt that says nothing of
 * what was done. Null: the answer itself says what is left.
 */
export type LeftUndoneKept = ReadonlySet<Address> | null;

const KINDS = ["plan", "apply", "refresh", "operate", "load", "export", "refused"] as const;

const shape = z.strictObject({
  format_version: z.literal(RUN_OUTPUT_FORMAT_VERSION),
  run_id: z.string().refine(isUlid, "is not a run id"),
  kind: z.enum(KINDS),
  output: z.record(z.string(), z.unknown()),
  // Only beside an answer of a run that has waited, so that an earlier program reads all others.
  left_undone: z.array(z.string()).optional(),
  change_id: z.string().refine(isUlid, "is not a ULID"),
});

/** Where the answer of a run lies. */
export function outputKey(id: RunId): StoreKey {
  return storeKey(`__graphform/run-outputs/${id}.json`);
}

export function encodeRunOutput(
  run_id: RunId,
  { kind, output }: RunAnswer,
  change_id: string,
  left: LeftUndoneKept = null,
): Uint8Array {
  const left_undone = left === null ? undefined : [...left].sort();
  const document = {
    format_version: RUN_OUTPUT_FORMAT_VERSION,
    ...{ run_id, kind, output, left_undone, change_id },
  };
  return Buffer.from(`${JSON.stringify(document, exactNumbers, 2)}\n`, "utf8");
}

export type OutputDecoding =
  | {
      readonly tag: "decoded";
      readonly answer: KeptAnswer;
      readonly left_undone: LeftUndoneKept;
      readonly change_id: string;
    }
  | { readonly tag: "invalid"; readonly detail: string };

export function decodeRunOutput(bytes: Uint8Array): OutputDecoding {
  if (bytes.length > RUN_OUTPUT_BYTES_MAX) return { tag: "invalid", detail: "it is too long" };
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { tag: "invalid", detail: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
  }
  const { kind, output, left_undone, change_id } = parsed.data;
  const left = left_undone === undefined ? null : new Set(left_undone.map((address) => address as Address));
  return { tag: "decoded", answer: { kind, output }, left_undone: left, change_id };
}

export type OutputPorts = StorePorts & { readonly ids: Ids };

/** True if the answer is kept. One that is not is missed by readers, and by nothing else. */
export async function keepRunOutput(
  ports: OutputPorts,
  id: RunId,
  answer: RunAnswer,
  left: LeftUndoneKept = null,
): Promise<boolean> {
  const change_id = ports.ids.next();
  const bytes = encodeRunOutput(id, answer, change_id, left);
  const key = outputKey(id);
  const isOurs = (there: Uint8Array) => {
    const decoded = decodeRunOutput(there);
    return decoded.tag === "decoded" && decoded.change_id === change_id;
  };
  for (let round = 0; round < RUN_OUTPUT_TRIES_MAX; round += 1) {
    const there = await readObjectRetrying(ports, key);
    if (there.tag === "unavailable") return false;
    if (there.tag === "absent") {
      const put = await putOnce(ports, key, bytes);
      if (put.tag !== "other") return put.tag === "present";
    } else {
      const moved = await moveOnce(ports, { key, from: there.version, bytes, isOurs });
      if (moved.tag !== "refused") return moved.tag === "moved";
    }
  }
  return false;
}

export interface ReadAnswer {
  /** Null: the run has answered nothing yet, or its answer cannot be read. */
  readonly answer: KeptAnswer | null;
  readonly left_undone: LeftUndoneKept;
  readonly diagnostics: readonly Diagnostic[];
}

export async function readRunOutput(ports: StorePorts, id: RunId): Promise<ReadAnswer> {
  const path = outputKey(id);
  const read = await readObjectRetrying(ports, path);
  if (read.tag === "absent") return unanswered([]);
  if (read.tag === "unavailable") {
    const message = `What the run ${id} answered could not be read: ${read.reason}.`;
    return unanswered([diagnostic("run_output_read_error", { path, message })]);
  }
  const decoded = decodeRunOutput(read.bytes);
  if (decoded.tag === "decoded") {
    const { answer, left_undone } = decoded;
    return { answer, left_undone, diagnostics: [] };
  }
  const message = `What the run ${id} answered cannot be read: ${decoded.detail}.`;
  return unanswered([diagnostic("run_output_invalid", { path, message })]);
}

function unanswered(diagnostics: readonly Diagnostic[]): ReadAnswer {
  return { answer: null, left_undone: null, diagnostics };
}

export function refusedAnswer(diagnostics: readonly Diagnostic[]): RunAnswer {
  return { kind: "refused", output: { ok: false, format_version: 1, diagnostics } };
}
