/** Archives from anybody: what is refused, why, and that nothing costs more than its limit (I1, I2). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArchive } from "../../lib/intake/archive.ts";
import {
  ARCHIVE_DIAGNOSTICS_MAX,
  ARCHIVE_ENTRIES_MAX,
  ARCHIVE_INFLATED_BYTES_MAX,
  ARCHIVE_PACKED_BYTES_MAX,
} from "../../lib/intake/limits.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import { type ZipEntry, zipOfEntries } from "./zips.ts";

const TEXT = Buffer.from("version: 1\n", "utf8");
const SYMBOLIC_LINK = 0o120777;
const DEVICE = 0o020644;
const PLAIN = 0o100644;

async function codes(zip: Uint8Array): Promise<readonly string[]> {
  const read = await readArchive(zip);
  return read.tag === "read" ? [] : read.diagnostics.map((each) => `${each.code} ${each.path}`);
}

function codesOf(...entries: readonly ZipEntry[]): Promise<readonly string[]> {
  return codes(zipOfEntries(entries));
}

describe("an archive", () => {
  test("gives its files, whoever packed it, stored or deflated, with or without folders", async () => {
    const zip = zipOfEntries([
      { name: "queries/", mode: 0o040755 },
      { name: "cluster.yaml", bytes: TEXT, mode: PLAIN },
      { name: "queries/é.gq", bytes: TEXT, method: 0 },
      { name: "empty.gq" },
    ]);
    const read = await readArchive(zip);
    expect(
      read.tag === "read" && [...read.files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
    ).toEqual([
      ["cluster.yaml", "version: 1\n"],
      ["queries/é.gq", "version: 1\n"],
      ["empty.gq", ""],
    ]);
  });

  test.each([
    ["climbs out", "../cluster.yaml"],
    ["climbs out in the middle", "a/../../b"],
    ["is absolute", "/etc/passwd"],
    ["is on a drive", "C:/windows"],
    ["has a backslash", "a\\b"],
    ["has a dot segment", "./cluster.yaml"],
    ["has an empty segment", "a//b"],
    ["is empty", ""],
    ["is too long", "a".repeat(2_000)],
  ])("with a path that %s is refused (I2)", async (_, name) => {
    expect((await codesOf({ name, bytes: TEXT }))[0]).toMatch(/^archive_entry_path /);
  });

  test("with a name that cannot be seen, or is no UTF-8, is refused and shown safely", async () => {
    expect(
      await codesOf({ name: "a\u202egq.bat" }, { name: Buffer.from([0x61, 0xff]) }, { name: "a\nb" }),
    ).toEqual([
      'archive_entry_path "a\u202egq.bat"',
      'archive_entry_path "aÿ"',
      'archive_entry_path "a\\nb"',
    ]);
  });

  test.each<[string, ZipEntry, string]>([
    ["a link", { name: "a", bytes: Buffer.from("/etc/passwd"), mode: SYMBOLIC_LINK }, "archive_entry_kind a"],
    [
      "a link that a Mac has made",
      { name: "a", bytes: Buffer.from("/etc/passwd"), mode: SYMBOLIC_LINK, made_by: 19 },
      "archive_entry_kind a",
    ],
    ["a device", { name: "a", mode: DEVICE }, "archive_entry_kind a"],
    ["a folder that is a file", { name: "a/", mode: PLAIN }, "archive_entry_kind a"],
    ["a folder with content", { name: "a/", bytes: TEXT, method: 0 }, "archive_entry_kind a"],
    ["an encrypted entry", { name: "a", bytes: TEXT, flags: 0x801 }, "archive_entry_encrypted a"],
    ["a strongly encrypted entry", { name: "a", bytes: TEXT, flags: 0x840 }, "archive_unreadable archive"],
    ["an entry with a masked header", { name: "a", bytes: TEXT, flags: 0x2800 }, "archive_entry_encrypted a"],
    ["another method", { name: "a", bytes: TEXT, method: 14 }, "archive_entry_method a"],
    ["secrets", { name: "conf/.env", bytes: TEXT }, "archive_entry_secret conf/.env"],
    ["secrets by another name", { name: ".ENV.local", bytes: TEXT }, "archive_entry_secret .ENV.local"],
    ["a wrong checksum", { name: "a", bytes: TEXT, says_crc: 1 }, "archive_entry_damaged a"],
  ])("with %s is refused (I2)", async (_, entry, code) => {
    expect(await codesOf(entry)).toEqual([code]);
  });

  test.each([
    ["twice", ["a.gq", "a.gq"]],
    ["in another case", ["a.gq", "A.gq"]],
    ["composed otherwise", ["\u00e9.gq", "e\u0301.gq"]],
    ["as a file and a folder", ["a", "a/b.gq"]],
    ["as a folder and a file", ["a/b.gq", "a"]],
    ["below a folder in another case", ["Q/a.gq", "q/b.gq"]],
  ])("with one name %s is refused", async (_, names) => {
    expect((await codesOf(...names.map((name) => ({ name, bytes: TEXT }))))[0]).toMatch(
      /^archive_entry_collision /,
    );
  });

  test("tells all its problems at once, and only counts those beyond a limit", async () => {
    const some = await codesOf(
      { name: "../a" },
      { name: "b", mode: SYMBOLIC_LINK },
      { name: ".env", bytes: TEXT },
    );
    expect(some).toEqual(["archive_entry_path ../a", "archive_entry_kind b", "archive_entry_secret .env"]);
    const many = await codesOf(...Array.from({ length: 200 }, (_, index) => ({ name: `../${index}` })));
    expect(many).toHaveLength(ARCHIVE_DIAGNOSTICS_MAX + 1);
  });

  test("that is too large, or has too many entries, is refused before it is looked into", async () => {
    expect(await codes(Buffer.alloc(ARCHIVE_PACKED_BYTES_MAX + 1))).toEqual(["archive_too_large archive"]);
    const entries = Array.from({ length: ARCHIVE_ENTRIES_MAX + 1 }, (_, index) => ({ name: `${index}` }));
    expect(await codesOf(...entries)).toEqual(["archive_too_many_entries archive"]);
  });

  test("that inflates too far is refused while it does, whatever its headers say (I1)", async () => {
    const zeros = Buffer.alloc(20 * 1024 * 1024);
    // Each file says that it has ten bytes.
    expect((await codesOf({ name: "a", bytes: zeros, says_bytes: 10 }))[0]).toMatch(
      /^archive_(inflates_too_far|entry_damaged) a/,
    );
    expect(await codesOf({ name: "a", bytes: zeros })).toEqual(["archive_inflates_too_far a"]);
    const noise = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * 7919) % 251));
    const large = Array.from({ length: 70 }, (_, index) => ({ name: `${index}`, bytes: noise }));
    const total = await readArchive(zipOfEntries(large));
    expect(large.length * noise.length).toBeGreaterThan(ARCHIVE_INFLATED_BYTES_MAX);
    expect(total.tag === "refused" && total.diagnostics.map((each) => each.code)).toEqual([
      "archive_inflates_too_far",
    ]);
  });

  test("that is cut off, changed anywhere, or no archive at all never does more than be refused (I1)", async () => {
    const zip = Buffer.from(
      await packFiles([
        { path: "cluster.yaml", bytes: TEXT },
        { path: "a.gq", bytes: TEXT },
      ]),
    );
    expect(await codes(Buffer.from("PK no zip"))).toEqual(["archive_unreadable archive"]);
    expect(await codes(Buffer.alloc(0))).toEqual(["archive_unreadable archive"]);
    for (let length = 0; length < zip.length; length += 1) {
      expect((await readArchive(zip.subarray(0, length))).tag).toBe("refused");
    }
    for (let at = 0; at < zip.length; at += 1) {
      const changed = Buffer.from(zip);
      changed[at] = changed[at]! ^ 0xff;
      expect(["read", "refused"]).toContain((await readArchive(changed)).tag);
    }
  });
});

describe("packing", () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 300 })), {
    selector: ([path]) => path,
  });

  test("the same files in any order gives the same bytes, and reading gives the files again (I3)", async () => {
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const packed = await packFiles(entries.map(([path, bytes]) => ({ path: `q/${path}`, bytes })));
        const again = await packFiles(
          entries.toReversed().map(([path, bytes]) => ({ path: `q/${path}`, bytes })),
        );
        expect(Buffer.compare(packed, again)).toBe(0);
        const read = await readArchive(packed);
        const found = read.tag === "read" ? new Map(read.files) : null;
        expect(found?.size).toBe(entries.length);
        for (const [path, bytes] of entries) expect(Buffer.compare(found!.get(`q/${path}`)!, bytes)).toBe(0);
      }),
    );
  });
});
