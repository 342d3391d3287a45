/**
 * SQS and SNS over HTTP: fauxqs, and what it lacks. A FIFO queue of AWS refuses to delete under a receipt whose
 * visibility has passed; fauxqs would answer as if it had deleted.
 */
import { startFauxqs } from "fauxqs";
import { bodyOf, type Listening, listen, type Reply, send } from "./listen.ts";

const EXPIRED: Reply = {
  status: 400,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: JSON.stringify({
    __type: "com.amazonaws.sqs#InvalidParameterValue",
    message: "Value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
  }),
};

interface ReceiptRequest {
  readonly QueueUrl?: string;
  readonly ReceiptHandle?: string;
}

/** Starts an SQS without queues and an SNS without topics, at one address. */
export async function startSqs(): Promise<Listening> {
  const inner = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
  const isInFlight = ({ QueueUrl, ReceiptHandle }: ReceiptRequest): boolean => {
    const queue = inner.inspectQueue(QueueUrl?.split("/").at(-1) ?? "");
    const now = Date.now();
    const inflight = queue?.messages.inflight ?? [];
    return inflight.some((each) => each.receiptHandle === ReceiptHandle && each.visibilityDeadline > now);
  };
  const front = await listen(async (incoming, response) => {
    const body = await bodyOf(incoming);
    const target = String(incoming.headers["x-amz-target"] ?? "");
    if (/\.(DeleteMessage|ChangeMessageVisibility)$/.test(target)) {
      if (!isInFlight(JSON.parse(body.toString("utf8")))) return send(response, EXPIRED);
    }
    const { host: _h, connection: _c, "content-length": _l, ...headers } = incoming.headers;
    const answer = await fetch(`http://127.0.0.1:${inner.port}${incoming.url}`, {
      method: incoming.method ?? "POST",
      headers: headers as Record<string, string>,
      body: new Uint8Array(body),
    });
    const type = answer.headers.get("content-type") ?? "application/x-amz-json-1.0";
    const bytes = Buffer.from(await answer.arrayBuffer());
    send(response, { status: answer.status, headers: { "content-type": type }, body: bytes });
  });
  const stop = async (): Promise<void> => {
    await front.stop();
    await inner.stop();
  };
  return { url: front.url, stop };
}
