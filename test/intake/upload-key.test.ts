/** Which keys of the bucket are uploads: plain names only, because everybody who looks at a log reads them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bundleUpload, loadUpload, UPLOAD_PURPOSES, uploadKey } from "../../lib/intake/upload-key.ts";

const CLUSTER = "demo" as Parameters<typeof uploadKey>[0];

describe("a key of the inbox", () => {
  test.each(["build-7", "a", "7", "A.b_c-d", `a${"b".repeat(195)}`])(
    "is an upload with the name %s",
    (name) => {
      expect(bundleUpload(`inbox/demo/${name}.zip`)).toEqual({ cluster: "demo", name });
      expect(loadUpload(`inbox/demo/${name.slice(0, 190)}.jsonl`)).toBe(name.slice(0, 190));
    },
  );

  test.each([
    ["a blank", "a b"],
    ["a plus", "a+c"],
    ["a percent sign", "a%20b"],
    ["a letter beyond ASCII", "gr\u00f6\u00dfe"],
    ["a line end", "a\nb"],
    ["a line end at its end", "a\n"],
    ["an escape", "a\u001b[2J"],
    ["a C1 control", "a\u009b2J"],
    ["a turn of direction", "a\u202eb"],
    ["colons", "::add-mask::a"],
    ["a dot first", ".a"],
    ["a hyphen first", "-a"],
    ["nothing", ""],
    ["more than 200 characters", "a".repeat(197)],
  ])("is none with %s in its name", (_, name) => {
    expect(bundleUpload(`inbox/demo/${name}.zip`)).toBeNull();
    expect(loadUpload(`inbox/demo/${name}.jsonl`)).toBeNull();
  });

  test("is none with a line end behind it", () => {
    expect(bundleUpload("inbox/demo/a.zip\n")).toBeNull();
  });

  test("that is given out for an id is an upload for each purpose", () => {
    const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    const keys = UPLOAD_PURPOSES.map((purpose) => uploadKey(CLUSTER, id, purpose));
    expect(keys.map((key) => bundleUpload(key)?.name ?? loadUpload(key))).toEqual([id, null, id]);
  });

  test("that is an upload has no character that needs to be escaped anywhere", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const key = `inbox/demo/${name}.zip`;
        if (bundleUpload(key) !== null) expect(key).toMatch(/^[\w./-]+$/);
      }),
    );
  });
});
