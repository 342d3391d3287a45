/** Events as an HTTP API sends them (payload 2.0), as far as the app looks at them. */
import type { APIGatewayProxyEventV2 } from "aws-lambda";

export interface EventFacts {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly base64?: boolean;
}

/** `context`: identity, API and stage, as the gateway has verified them. */
export function httpEvent(context: object, facts: EventFacts): APIGatewayProxyEventV2 {
  const { method = "GET", path, query = "", headers = {}, base64 = false } = facts;
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { host: "api.example.com", ...headers },
    requestContext: {
      accountId: "111122223333",
      apiId: "api1",
      domainName: "api.example.com",
      domainPrefix: "api",
      http,
      requestId: "request-1",
      routeKey: "$default",
      stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: 1_767_225_600_000,
      ...context,
    },
    ...(facts.body === undefined ? {} : { body: facts.body }),
    isBase64Encoded: base64,
  };
}
