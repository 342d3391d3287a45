/** What the store says when something has arrived. */
import { describe, expect, test } from "vitest";
import { decodeUploadEvents } from "../../lib/intake/upload-event.ts";

describe("the notification of the store", () => {
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    eventName: "ObjectCreated:Put",
    userIdentity: { principalId: "AWS:AROACI:build-7" },
    s3: {
      bucket: { name: "b" },
      object: { key: "inbox/demo/a+b%2Bc.zip", size: 3, eTag: "e1", sequencer: "00" },
    },
  };

  test("names what arrived and who sent it", () => {
    expect(
      decodeUploadEvents(
        JSON.stringify({ Records: [record, { ...record, eventName: "ObjectRemoved:Delete" }] }),
        "b",
      ),
    ).toEqual({
      tag: "decoded",
      events: [{ key: "inbox/demo/a b+c.zip", principal: "AWS:AROACI:build-7", versions: ["e1"] }],
    });
  });

  test("of another bucket is not ours", () => {
    const body = JSON.stringify({ Records: [record] });
    expect(decodeUploadEvents(body, "another")).toEqual({ tag: "decoded", events: [] });
  });

  test("of a test is nothing, and what is none is refused", () => {
    expect(decodeUploadEvents('{"Service":"Amazon S3","Event":"s3:TestEvent"}', "b")).toEqual({
      tag: "decoded",
      events: [],
    });
    for (const body of ["", "[]", '{"Records":[{}]}', '{"Records":7}']) {
      expect(decodeUploadEvents(body, "b").tag).toBe("invalid");
    }
    const broken = { ...record, s3: { ...record.s3, object: { key: "inbox/%E0%A4%A" } } };
    expect(decodeUploadEvents(JSON.stringify({ Records: [broken] }), "b")).toEqual({
      tag: "decoded",
      events: [],
    });
  });
});
