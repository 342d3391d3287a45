/** Uploads to a server on this machine: a link takes one, whole, within its limit, and nothing leaves the inbox. */
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DOWNLOAD_LINKS } from "../../cli/serve/download-links.ts";
import { inboxFolder } from "../../cli/serve/inbox-folder.ts";
import { grantIn, linkOf } from "../../cli/serve/signed-link.ts";
import { UPLOAD_LINK_MS, UPLOAD_LINKS } from "../../cli/serve/upload-links.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { forgetFolders, newFolder } from "./command.ts";

afterAll(forgetFolders);

const SECRET = Buffer.from("a secret of the server");
const KEY = "inbox/brain/01J9ZK3V6Y8T4N2Q5R7S9W1X3Z.jsonl";

function newInbox() {
  const root = newFolder();
  const inbox = inboxFolder({
    root,
    secret: SECRET,
    clock: SYSTEM_CLOCK,
    origin: () => "http://127.0.0.1:7474",
  });
  return { root, inbox };
}

async function* bytes(...texts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function granted(key = KEY, bytesMax = 100) {
  const { root, inbox } = newInbox();
  const link = await inbox.presign(key, bytesMax, { mode: "append" });
  const grant = grantIn(UPLOAD_LINKS, new URL(link?.url ?? "http://x/").pathname, SECRET, Date.now());
  if (grant === null) throw new Error("the link holds");
  return { root, inbox, grant };
}

describe("A link for an upload", () => {
  it("brings the bytes and what was said of them to where it was made for", async () => {
    const { inbox, grant } = await granted();
    expect(await inbox.receive(grant, bytes("ab", "c"))).toEqual({ tag: "received" });
    expect(await inbox.read(KEY, 100)).toMatchObject({
      tag: "found",
      file: { bytes: Buffer.from("abc"), metadata: { mode: "append" } },
    });
  });

  it("takes the same upload twice, because an answer may be lost, and no other", async () => {
    const { inbox, grant } = await granted();
    await inbox.receive(grant, bytes("abc"));
    expect(await inbox.receive(grant, bytes("abc"))).toEqual({ tag: "received" });
    expect(await inbox.receive(grant, bytes("other"))).toEqual({ tag: "taken" });
    expect(await inbox.read(KEY, 100)).toMatchObject({ file: { bytes: Buffer.from("abc") } });
  });

  it("takes no more than it allows, and leaves nothing of the rest behind", async () => {
    const { root, inbox, grant } = await granted(KEY, 5);
    expect(await inbox.receive(grant, bytes("abc", "def"))).toEqual({ tag: "too_large" });
    expect(await inbox.read(KEY, 100)).toEqual({ tag: "absent" });
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  });

  it("leaves nothing behind when the connection breaks", async () => {
    const { root, inbox, grant } = await granted();
    const broken = async function* () {
      yield Buffer.from("ab");
      throw new Error("broken");
    };
    expect(await inbox.receive(grant, broken())).toEqual({ tag: "failed", reason: "broken" });
    expect(await inbox.read(KEY, 100)).toEqual({ tag: "absent" });
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  });

  it("holds for its time, for its server and as it was written", () => {
    const now = 1_000_000;
    const path = linkOf(
      UPLOAD_LINKS,
      { key: KEY, bytes_max: 1, metadata: {}, expires_at_ms: now + UPLOAD_LINK_MS },
      SECRET,
    );
    expect(grantIn(UPLOAD_LINKS, path, SECRET, now)).toMatchObject({ key: KEY });
    expect(grantIn(UPLOAD_LINKS, path, SECRET, now + UPLOAD_LINK_MS)).toBeNull();
    expect(grantIn(UPLOAD_LINKS, path, Buffer.from("another server"), now)).toBeNull();
    const [, , , text = "", signature = ""] = path.split("/");
    const forged = Buffer.from(text, "base64url").toString("utf8").replace('"bytes_max":1', '"bytes_max":9');
    const tampered = `/v1/local-uploads/${Buffer.from(forged, "utf8").toString("base64url")}/${signature}`;
    expect(forged).toContain('"bytes_max":9');
    expect(grantIn(UPLOAD_LINKS, tampered, SECRET, now)).toBeNull();
    expect(grantIn(UPLOAD_LINKS, "/v1/local-uploads/x", SECRET, now)).toBeNull();
    const other = linkOf(DOWNLOAD_LINKS, { key: KEY, expires_at_ms: now + 1_000 }, SECRET);
    expect(grantIn(DOWNLOAD_LINKS, other, SECRET, now)).toMatchObject({ key: KEY });
    expect(grantIn(UPLOAD_LINKS, other, SECRET, now)).toBeNull();
    const renamed = path.replace(UPLOAD_LINKS.path, DOWNLOAD_LINKS.path);
    expect(grantIn(DOWNLOAD_LINKS, renamed, SECRET, now)).toBeNull();
  });
});

describe("The inbox of a server on this machine", () => {
  it.each([
    "inbox/brain/../../etc/passwd",
    "inbox/brain/.hidden",
    "inbox/../x",
    "clusters/brain/state.json",
    "inbox/brain/a/b",
  ])("knows nothing at %s (W35)", async (key) => {
    const { inbox } = newInbox();
    expect(await inbox.read(key, 100)).toEqual({ tag: "absent" });
    expect(await inbox.presign(key, 100, {})).toBeNull();
  });

  it("lists what was dropped, and does not read what is too long", async () => {
    const { root, inbox } = newInbox();
    expect(await inbox.list()).toEqual([]);
    mkdirSync(join(root, "inbox", "brain"), { recursive: true });
    writeFileSync(join(root, "inbox", "brain", "config.zip"), "12345");
    expect(await inbox.list()).toMatchObject([{ key: "inbox/brain/config.zip", bytes: 5 }]);
    expect(await inbox.read("inbox/brain/config.zip", 4)).toEqual({ tag: "too_large", bytes: 5 });
  });

  it("says of a file when it got here and not when it was changed, and lists what came first first", async () => {
    const { root, inbox } = newInbox();
    const before = Math.floor(Date.now() / 1000) * 1000;
    mkdirSync(join(root, "inbox", "brain"), { recursive: true });
    for (const name of ["b.zip", "a.zip"]) {
      writeFileSync(join(root, "inbox", "brain", name), "12345");
      utimesSync(join(root, "inbox", "brain", name), 1, 1);
      await SYSTEM_CLOCK.sleep(20);
    }
    expect((await inbox.list()).map(({ key }) => key)).toEqual(["inbox/brain/b.zip", "inbox/brain/a.zip"]);
    const read = await inbox.read("inbox/brain/a.zip", 100);
    const uploaded_at = read.tag === "found" ? (read.file.uploaded_at ?? "") : read.tag;
    expect(uploaded_at).toMatch(/^[0-9-]{10}T[0-9:]{8}Z$/);
    expect(Date.parse(uploaded_at)).toBeGreaterThanOrEqual(before);
  });

  it("tells what will never be taken, and why; files that programs keep for themselves are none of it", async () => {
    const { root, inbox } = newInbox();
    expect(await inbox.strays()).toEqual([]);
    for (const folder of ["brain/loads", "brain/.metadata", "Bad_Name"])
      mkdirSync(join(root, "inbox", folder), { recursive: true });
    const dropped = [
      "a.zip",
      "brain/b.zip",
      "brain/rows.jsonl",
      "brain/cluster.yaml",
      "brain/my config.zip",
      "brain/u.bundle",
    ];
    for (const file of [...dropped, "brain/größe.zip", "brain/.DS_Store", "brain/loads/x", "Bad_Name/c.zip"])
      writeFileSync(join(root, "inbox", file), "12345");
    const strays = await inbox.strays();
    expect(Object.fromEntries(strays.map(({ path, reason }) => [path, reason]))).toEqual({
      "inbox/Bad_Name": expect.stringContaining("no cluster can have this name"),
      "inbox/a.zip": expect.stringContaining("inbox/<cluster>/"),
      "inbox/brain/cluster.yaml": expect.stringContaining("ends in .zip"),
      "inbox/brain/größe.zip": expect.stringContaining("letters a to z"),
      "inbox/brain/my config.zip": expect.stringContaining("letters a to z"),
    });
  });
});
