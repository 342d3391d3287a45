/** An answer whose lines are sent as they are read, so that it may be longer than memory. */

export function streamedLines(
  lines: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
): Response {
  const iterator = lines[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(`${next.value}\n`));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "application/x-ndjson", ...headers } });
}
