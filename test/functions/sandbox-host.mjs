/**
 * What runs in a sandbox: one handler, as it is deployed, and as much of Lambda's runtime as it sees. Its parent sends
 * events and moves its clock; both are answered. Time that passes in a test passes here by the clock alone.
 */
import { pathToFileURL } from "node:url";

const realNow = Date.now;
let aheadMs = 0;
Date.now = () => realNow() + aheadMs;

const { handler } = await import(pathToFileURL(process.argv[2]).href);

function contextOf(remainingMs) {
  const endsMs = Date.now() + remainingMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:111122223333:function:graphform-test",
    memoryLimitInMB: "1024",
    awsRequestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    logGroupName: "group",
    logStreamName: "stream",
    getRemainingTimeInMillis: () => endsMs - Date.now(),
  };
}

async function answer({ event, remaining_ms }) {
  const context = contextOf(remaining_ms);
  try {
    const value = await handler(event, context);
    return { tag: "answered", value, left_ms: context.getRemainingTimeInMillis() };
  } catch (error) {
    return { tag: "failed", reason: String(error?.stack ?? error) };
  }
}

process.on("message", async (message) => {
  aheadMs = message.ahead_ms;
  process.send({ id: message.id, result: message.tag === "clock" ? { tag: "set" } : await answer(message) });
});
process.on("disconnect", () => process.exit());
process.send({ id: "started" });
