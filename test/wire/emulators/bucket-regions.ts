/** Buckets that lie in regions: whoever signs for another one is told the right one, as S3 does, and not served. */
import type { FaultProxy, SeenRequest } from "./fault-proxy.ts";
import type { Reply } from "./listen.ts";

function bucketIn({ path }: SeenRequest): string {
  return new URL(path, "http://s3").pathname.split("/")[1] ?? "";
}

/** The region that a request is signed for. */
function signedRegion({ headers }: SeenRequest): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1];
}

function redirection(region: string, body: string): Reply {
  return {
    status: 301,
    headers: { "content-type": "application/xml", "x-amz-bucket-region": region },
    body:
      body === "" ? "" : `<Error><Code>${body}</Code><Message>Ask the bucket's endpoint.</Message></Error>`,
  };
}

/** From now on, until the proxy is cleared. */
export function placeBuckets(proxy: FaultProxy, regions: Readonly<Record<string, string>>): void {
  for (const [bucket, region] of Object.entries(regions)) {
    for (const [isHead, body] of [
      [true, ""],
      [false, "PermanentRedirect"],
    ] as const) {
      const isAstray = (request: SeenRequest): boolean =>
        bucketIn(request) === bucket &&
        signedRegion(request) !== region &&
        (request.method === "HEAD") === isHead;
      const fault = { tag: "answer", reply: redirection(region, body) } as const;
      proxy.inject(fault, isAstray, Number.POSITIVE_INFINITY);
    }
  }
}
