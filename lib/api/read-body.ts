/** The body of a request within a limit: what is longer is not read to its end. */
import { type Refusal, refusal } from "./problem.ts";

export type BodyRead =
  | { readonly tag: "read"; readonly bytes: Uint8Array }
  | { readonly tag: "refused"; readonly refusal: Refusal };

export async function readBody(request: Request, bytesMax: number): Promise<BodyRead> {
  const announced = Number(request.headers.get("content-length") ?? "0");
  if (announced > bytesMax) return tooLarge(bytesMax);
  if (request.body === null) return { tag: "read", bytes: new Uint8Array() };
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { tag: "read", bytes: Buffer.concat(parts) };
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      return tooLarge(bytesMax);
    }
    parts.push(value);
  }
}

function tooLarge(bytesMax: number): BodyRead {
  const message = `The body of the request is longer than ${bytesMax} bytes.`;
  return { tag: "refused", refusal: refusal(413, "api_request_too_large", "body", message) };
}
