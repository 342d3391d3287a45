/**
 * Storm: everything that single requests of each service can meet. Each fault strikes at a moment that a calm round has,
 * so that it always meets its request; who arms one asks afterwards whether it did.
 */
import type { Fault, FaultProxy, SeenRequest } from "../wire/emulators/fault-proxy.ts";
import type { Reply } from "../wire/emulators/listen.ts";
import { s3Error } from "../wire/emulators/s3-server.ts";
import type { Aws } from "../wire/emulators/start-aws.ts";

export type ProxyName = keyof Aws["proxies"];

export interface StormFault {
  readonly name: string;
  readonly fault: Fault;
  readonly strikes: (request: SeenRequest) => boolean;
}

const isWrite = ({ method }: SeenRequest): boolean => method === "PUT" || method === "DELETE";
const isRead = ({ method }: SeenRequest): boolean => method === "GET";
const isAny = (): boolean => true;
const isCall =
  (operation: string) =>
  (request: SeenRequest): boolean =>
    request.operation === operation;

/** An error of the JSON protocol of DynamoDB and SQS. */
function jsonError(status: number, type: string): Reply {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ __type: `com.amazonaws#${type}`, message: `${type} by the test` }),
  };
}

/** An error of the query protocol of SNS. */
function queryError(status: number, code: string): Reply {
  return {
    status,
    headers: { "content-type": "text/xml" },
    body: `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>${code} by the test</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  };
}

const DROP: Fault = { tag: "drop_answer" };
const RESET: Fault = { tag: "reset" };
const refusal = (reply: Reply): Fault => ({ tag: "answer", reply });
const landed = (reply: Reply): Fault => ({ tag: "answer_after", reply });

/** By service; a round has one of each. */
export const STORM: Readonly<Record<ProxyName, readonly StormFault[]>> = {
  s3: [
    { name: "the answer to a write is lost", fault: DROP, strikes: isWrite },
    { name: "a write never arrives", fault: RESET, strikes: isWrite },
    { name: "a write lands as 500", fault: landed(s3Error(500, "InternalError")), strikes: isWrite },
    { name: "409", fault: refusal(s3Error(409, "ConditionalRequestConflict")), strikes: isWrite },
    // As when something on the way repeats a request whose answer it has lost.
    { name: "412 for our own write", fault: landed(s3Error(412, "PreconditionFailed")), strikes: isWrite },
    { name: "a write is throttled", fault: refusal(s3Error(503, "SlowDown")), strikes: isWrite },
    { name: "a read is throttled", fault: refusal(s3Error(503, "SlowDown")), strikes: isRead },
    { name: "the answer to a read is lost", fault: DROP, strikes: isRead },
  ],
  dynamodb: [
    { name: "the answer to a write is lost", fault: DROP, strikes: isCall("PutItem") },
    {
      name: "a write exceeds what is provisioned",
      fault: refusal(jsonError(400, "ProvisionedThroughputExceededException")),
      strikes: isCall("PutItem"),
    },
    {
      name: "a write is throttled",
      fault: refusal(jsonError(400, "ThrottlingException")),
      strikes: isCall("PutItem"),
    },
    {
      name: "a write lands as 500",
      fault: landed(jsonError(500, "InternalServerError")),
      strikes: isCall("PutItem"),
    },
    { name: "a write never arrives", fault: RESET, strikes: isCall("PutItem") },
    {
      name: "a read is throttled",
      fault: refusal(jsonError(400, "ThrottlingException")),
      strikes: isCall("GetItem"),
    },
  ],
  sqs: [
    { name: "the answer to a message is lost", fault: DROP, strikes: isCall("SendMessage") },
    {
      name: "a message is throttled",
      fault: refusal(jsonError(400, "RequestThrottled")),
      strikes: isCall("SendMessage"),
    },
    { name: "a message never arrives", fault: RESET, strikes: isCall("SendMessage") },
    { name: "the answer to a removal is lost", fault: DROP, strikes: isCall("DeleteMessage") },
  ],
  sns: [
    { name: "a notice fails", fault: refusal(queryError(500, "InternalFailure")), strikes: isAny },
    { name: "the answer to a notice is lost", fault: DROP, strikes: isAny },
    { name: "a notice never arrives", fault: RESET, strikes: isAny },
  ],
};

export const SERVICES = Object.keys(STORM) as readonly ProxyName[];
/** After so many rounds in a row every fault has struck. */
export const STORM_ROUNDS = Math.max(...SERVICES.map((service) => STORM[service].length));

export interface Armed {
  readonly name: string;
  /** How many requests have met it. */
  readonly met: () => number;
}

/** Lets the request after `after` others that match meet the fault, if one comes. */
export function arm(proxy: FaultProxy, { name, fault, strikes }: StormFault, after: number): Armed {
  let left = after;
  const met = proxy.inject(fault, (request) => {
    if (!strikes(request)) return false;
    left -= 1;
    return left < 0;
  });
  return { name, met };
}
