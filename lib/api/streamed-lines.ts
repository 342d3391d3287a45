/**
 * An answer whose lines are sent as they are read, so that it may be longer than memory. One that breaks off says so to
 * the log, because its status has been sent by then: whoever reads it sees that it has no end.
 */
import type { Exchange } from "./api.ts";

export function streamedLines(
  { api, request_id }: Exchange,
  lines: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
): Response {
  const iterator = lines[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next().catch((error: unknown) => {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        api.deployment.log.warn({ event: "api.answer_broken_off", request_id, reason });
        controller.error(error);
        return null;
      });
      if (next === null) return;
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(`${next.value}\n`));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "application/x-ndjson", ...headers } });
}
