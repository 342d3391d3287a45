/** The OpenAPI document, generated from the routes. */
import { z } from "@hono/zod-openapi";
import type { ApiApp } from "./create-api.ts";
import { jsonAnswer } from "./json-answer.ts";
import { type ApiRoute, openRoute } from "./route.ts";

export const API_VERSION = "1";

export function openApiRoute(app: () => ApiApp): ApiRoute {
  return openRoute(
    {
      method: "get",
      path: "/v1/openapi.json",
      operation: "getOpenApi",
      summary: "This description",
      answers: { 200: { description: "OpenAPI 3.1", shape: z.looseObject({}) } },
    },
    () => Promise.resolve(jsonAnswer(openApiDocument(app()))),
  );
}

/** The description of all routes of `app`. */
export function openApiDocument(app: ApiApp): object {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Graphform", version: API_VERSION, description: DESCRIPTION },
  });
  return { ...document, components: { ...document.components, securitySchemes: SECURITY_SCHEMES } };
}

const DESCRIPTION =
  "The control plane of a deployment: plan, apply and approve changes of clusters of graphs. " +
  "Every POST takes an Idempotency-Key: sent again with the same key and body it is one request, also where what it did " +
  "is why policy would deny it now. Errors are problem details with the diagnostics inside.";

const SECURITY_SCHEMES = {
  iam: { type: "apiKey", in: "header", name: "authorization", description: "AWS Signature Version 4." },
  bearer: { type: "http", scheme: "bearer" },
};
