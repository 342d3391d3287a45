/**
 * The only place that talks to Cedar (spec/policy 5.9).
 *
 * Guarantees: Cedar is loaded at the first call that needs it, never by an import, because loading costs more than
 * a whole plan may. Nothing is allowed unless Cedar answered "success" and "allow" and reported no error; whatever
 * else happens, a trap of the module included, is `failed`. Every request is checked against the schema.
 *
 * A prepared set of policies stays in the module for ever, so sets share a fixed slot per scope; the slot remembers
 * whose policies it holds, and another engine's are never asked by mistake.
 */
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import type * as CedarModule from "@cedar-policy/cedar-wasm/nodejs";
import { assert } from "../digest/assert.ts";
import { CEDAR_SCHEMA } from "./cedar-schema.ts";

export type CedarPolicy = CedarModule.PolicyJson;
export type CedarExpression = CedarModule.Expr;
export type CedarSchema = CedarModule.SchemaJson<string>;
/** Policies by id. */
export type CedarPolicies = Readonly<Record<string, CedarPolicy>>;

export interface CedarEntity {
  readonly type: string;
  readonly id: string;
}

/** An entity as a value of a context. */
export interface CedarReference {
  readonly __entity: CedarEntity;
}

export type CedarFact = string | boolean | number | readonly string[] | readonly CedarReference[];

/** What Cedar has to know of a resource: its attributes and what it is in. */
export interface CedarRecord {
  readonly attributes: Readonly<Record<string, string | boolean>>;
  readonly parents: readonly CedarEntity[];
}

export interface CedarQuestion {
  readonly principal: CedarEntity;
  /** The groups that the principal is a member of. */
  readonly parents: readonly CedarEntity[];
  readonly action: CedarEntity;
  readonly resource: CedarEntity;
  /** Null: the resource has neither attributes nor parents. */
  readonly record: CedarRecord | null;
  readonly context: Readonly<Record<string, CedarFact>>;
}

/** What is left of a policy when everything but the resource is known. */
export interface CedarResidual {
  readonly effect: "permit" | "forbid";
  /** Conditions that must all hold. Their form is Cedar's, and may hold nodes that no version of ours knows. */
  readonly conditions: readonly { readonly kind: "when" | "unless"; readonly body: unknown }[];
}

export type CedarPartialAnswer =
  /** The policies that may still apply, by id. */
  | { readonly tag: "residuals"; readonly residuals: Readonly<Record<string, CedarResidual>> }
  | { readonly tag: "failed"; readonly reason: string };

export type CedarAnswer =
  | {
      readonly tag: "decided";
      readonly allowed: boolean /** Ids of the policies that settled it. */;
      readonly determining: readonly string[];
    }
  | { readonly tag: "failed"; readonly reason: string };

/** Decides one request by `policies`; `slot` names their scope and is reused by its next version. */
export function askCedar(slot: string, policies: CedarPolicies, question: CedarQuestion): CedarAnswer {
  try {
    const cedar = loadCedar();
    const unprepared = prepare(cedar, slot, policies);
    if (unprepared !== null) return { tag: "failed", reason: unprepared };
    const answer = cedar.statefulIsAuthorized({
      principal: question.principal,
      action: question.action,
      resource: question.resource,
      context: contextOf(question),
      preparsedSchemaName: SCHEMA_NAME,
      preparsedPolicySetId: slot,
      validateRequest: true,
      entities: entitiesOf(question),
    });
    return readAnswer(answer);
  } catch (error) {
    return { tag: "failed", reason: `Cedar stopped: ${String(error)}` };
  }
}

/**
 * What `policies` say about every resource at once: the conditions that are left. Experimental in Cedar, so the caller
 * must be ready for `failed` and for nodes that it does not know, and ask {@link askCedar} then.
 */
export function askCedarPartially(
  policies: CedarPolicies,
  question: Omit<CedarQuestion, "resource" | "record">,
): CedarPartialAnswer {
  try {
    const answer = loadCedar().isAuthorizedPartial({
      principal: question.principal,
      action: question.action,
      resource: null,
      context: contextOf(question),
      schema: CEDAR_SCHEMA,
      validateRequest: true,
      policies: { staticPolicies: policies },
      entities: entitiesOf({ ...question, resource: question.principal, record: null }),
    });
    if (answer.type !== "residuals") {
      return { tag: "failed", reason: `Cedar refuses the request: ${messagesOf(answer.errors)}` };
    }
    const { errored, residuals } = answer.response;
    if (errored.length > 0) return { tag: "failed", reason: "a policy could not be evaluated" };
    return { tag: "residuals", residuals };
  } catch (error) {
    return { tag: "failed", reason: `Cedar stopped: ${String(error)}` };
  }
}

function contextOf(question: Pick<CedarQuestion, "context">): CedarModule.Context {
  return question.context as CedarModule.Context;
}

/** Only what the question is about; records of graphs and groups are never needed. */
function entitiesOf(question: CedarQuestion): CedarModule.Entities {
  const actor = { uid: question.principal, attrs: {}, parents: [...question.parents] };
  if (question.record === null) return [actor];
  const { attributes, parents } = question.record;
  return [actor, { uid: question.resource, attrs: { ...attributes }, parents: [...parents] }];
}

export interface CedarFindings {
  readonly errors: readonly string[];
  /** Policies that can never apply, and names that look like other names. */
  readonly warnings: readonly string[];
}

/** What strict validation says against `policies`. */
export function validateStrictly(policies: CedarPolicies): CedarFindings {
  try {
    const answer = loadCedar().validate({
      validationSettings: { mode: "strict" },
      schema: CEDAR_SCHEMA,
      policies: { staticPolicies: policies },
    });
    // The answer is "success" even when there are errors: it only says that validation took place.
    if (answer.type === "failure") return { errors: [messagesOf(answer.errors)], warnings: [] };
    return {
      errors: answer.validationErrors.map(describeFinding),
      warnings: [
        ...answer.validationWarnings.map(describeFinding),
        ...answer.otherWarnings.map((each) => each.message),
      ],
    };
  } catch (error) {
    return { errors: [`Cedar stopped: ${String(error)}`], warnings: [] };
  }
}

function describeFinding(finding: CedarModule.ValidationError): string {
  return `${finding.policyId}: ${finding.error.message}`;
}

const SCHEMA_NAME = "graphform";

let loaded: typeof CedarModule | null = null;
const slots = new Map<string, CedarPolicies>();

function loadCedar(): typeof CedarModule {
  if (loaded !== null) return loaded;
  setFlagsFromString("--liftoff-only");
  // V8 of Node 20 sometimes aborts the process when it inlines calls into WebAssembly; later versions do not.
  if (process.version.startsWith("v20.")) setFlagsFromString("--no-turbo-inline-js-wasm-calls");
  const cedar: typeof CedarModule = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");
  const schema = cedar.preparseSchema(SCHEMA_NAME, CEDAR_SCHEMA);
  assert(schema.type === "success", "the Cedar schema of policy bundles is valid");
  loaded = cedar;
  return cedar;
}

/** Puts `policies` into `slot` unless they are there already; the reason if Cedar refuses them. */
function prepare(cedar: typeof CedarModule, slot: string, policies: CedarPolicies): string | null {
  if (slots.get(slot) === policies) return null;
  // A refusal would leave the previous set in the slot: it must not be taken for this one.
  slots.delete(slot);
  const answer = cedar.preparsePolicySet(slot, { staticPolicies: policies });
  if (answer.type === "failure") return `Cedar refuses the policies: ${messagesOf(answer.errors)}`;
  slots.set(slot, policies);
  return null;
}

function readAnswer(answer: CedarModule.AuthorizationAnswer): CedarAnswer {
  if (answer.type !== "success") {
    return { tag: "failed", reason: `Cedar refuses the request: ${messagesOf(answer.errors)}` };
  }
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) {
    const messages = messagesOf(diagnostics.errors.map((each) => each.error));
    return { tag: "failed", reason: `a policy could not be evaluated: ${messages}` };
  }
  return { tag: "decided", allowed: decision === "allow", determining: diagnostics.reason };
}

function messagesOf(errors: readonly CedarModule.DetailedError[]): string {
  return errors.map((each) => each.message).join("; ");
}
