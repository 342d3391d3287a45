/** The answer to a batch of messages. */
import { describe, expect, it } from "vitest";
import { answerBatch } from "../../functions/batch.ts";
import type { LogEvent } from "../../lib/ports/log.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { sqsRecord } from "./aws-events.ts";

const FIFO = "arn:aws:sqs:us-east-1:111122223333:applies.fifo";
const STANDARD = "arn:aws:sqs:us-east-1:111122223333:uploads";

function batch(queueArn: string, ...names: readonly string[]) {
  return names.map((messageId) => sqsRecord({ queueArn, messageId, body: messageId }));
}

const failed = (...names: readonly string[]) => ({
  batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("the answer to a batch", () => {
  it("names no message if all are done", async () => {
    const answer = await answerBatch(batch(FIFO, "a", "b"), SILENT_LOG, async () => "done");

    expect(answer).toEqual(failed());
  });

  it("names the first failure of a FIFO batch and all after it, which are not begun", async () => {
    const begun: string[] = [];
    const answer = await answerBatch(batch(FIFO, "a", "b", "c"), SILENT_LOG, async ({ body }) => {
      begun.push(body);
      return body === "b" ? "again" : "done";
    });

    expect(answer).toEqual(failed("b", "c"));
    expect(begun).toEqual(["a", "b"]);
  });

  it("names only the failures of a standard batch", async () => {
    const answer = await answerBatch(batch(STANDARD, "a", "b", "c"), SILENT_LOG, async ({ body }) =>
      body === "b" ? "again" : "done",
    );

    expect(answer).toEqual(failed("b"));
  });

  it("names a message that met a defect, and logs it", async () => {
    const lines: LogEvent[] = [];
    const log = { info: () => undefined, warn: (line: LogEvent) => void lines.push(line) };
    const answer = await answerBatch(batch(STANDARD, "a"), log, async () => {
      throw new Error("a defect");
    });

    expect(answer).toEqual(failed("a"));
    expect(lines).toMatchObject([{ event: "message.defect", message_id: "a" }]);
    expect(String(lines[0]?.["reason"])).toContain("a defect");
  });

  it("waits for one message before it begins the next, and for all before it answers", async () => {
    const steps: string[] = [];
    await answerBatch(batch(STANDARD, "a", "b"), SILENT_LOG, async ({ body }) => {
      steps.push(`${body} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      steps.push(`${body} ends`);
      return "done";
    });

    expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });
});
