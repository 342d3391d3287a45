/**
 * One base for external blobs: a folder of a bucket or of a file system that a graph may point into (spec/cluster 1.8).
 *
 * Guarantees: pure. Two spellings of the same folder have the same canonical text, and a canonical text ends with
 * exactly one slash, so that "is below" is "begins with". Whether a `file:` folder exists is not asked here: it has to
 * exist where the graph is opened, not where its config is checked (W38).
 */
import { BLOB_BASE_BYTES_MAX } from "../config/limits.ts";

export type NormalisedBase =
  | { readonly tag: "base"; readonly scheme: "s3" | "file"; readonly uri: string }
  | { readonly tag: "invalid"; readonly reason: string };

const PARTS = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/]*)(.*)$/s;
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The canonical text of `raw`, or why it has none. The reason never repeats the text, which may hold a password. */
export function normaliseBlobBase(raw: string): NormalisedBase {
  const form = formProblem(raw);
  if (form !== null) return invalid(form);
  const parts = PARTS.exec(raw);
  if (parts === null) return invalid("it is not an absolute URI such as s3://bucket/prefix/");
  const [, schemeText = "", authority = "", path = ""] = parts;
  const scheme = schemeText.toLowerCase();
  if (scheme !== "s3" && scheme !== "file") return invalid("its scheme is neither s3 nor file");
  const place = authorityProblem(scheme, authority);
  if (place !== null) return invalid(place);
  if (!path.startsWith("/")) return invalid("a slash is missing after the bucket");
  const components = canonicalComponents(path);
  if (components.tag === "invalid") return components;
  const text = components.list.map((component) => `${component}/`).join("");
  return { tag: "base", scheme, uri: `${scheme}://${authority.toLowerCase()}/${text}` };
}

function invalid(reason: string): { readonly tag: "invalid"; readonly reason: string } {
  return { tag: "invalid", reason };
}

function formProblem(raw: string): string | null {
  if (raw === "") return "it is empty";
  if (Buffer.byteLength(raw, "utf8") > BLOB_BASE_BYTES_MAX) {
    return `it is longer than ${BLOB_BASE_BYTES_MAX} bytes`;
  }
  if (raw.trim() !== raw) return "it begins or ends with white space";
  if (raw.includes("\\")) return "it holds a backslash";
  if (raw.includes("?")) return "it has a query";
  if (raw.includes("#")) return "it has a fragment";
  return null;
}

function authorityProblem(scheme: "s3" | "file", authority: string): string | null {
  if (authority.includes("@")) return "it holds user information";
  if (scheme === "file") return authority === "" ? null : "a file base has no host";
  if (authority === "") return "it names no bucket";
  if (authority.includes(":")) return "it names a port";
  return BUCKET.test(authority) ? null : "its bucket is not a legal bucket name";
}

type Components = { readonly tag: "list"; readonly list: readonly string[] } | ReturnType<typeof invalid>;

function canonicalComponents(path: string): Components {
  const raw = path.slice(1).split("/");
  if (raw.at(-1) === "") raw.pop();
  const list: string[] = [];
  for (const component of raw) {
    if (component === "") return invalid("its path has an empty component");
    const bytes = decodeComponent(component);
    if (bytes === null) return invalid("its path has a broken percent escape");
    if (bytes.some((byte) => FORBIDDEN.has(byte))) {
      return invalid("its path has a component that hides a NUL, a percent sign, a slash or a backslash");
    }
    const text = bytes.toString("latin1");
    if (text === "." || text === "..") return invalid("its path has a dot segment");
    list.push(encodeComponent(bytes));
  }
  return { tag: "list", list };
}

/** NUL, `%`, `/` and the backslash: what a later reader might take apart again. */
const FORBIDDEN: ReadonlySet<number> = new Set([0x00, 0x25, 0x2f, 0x5c]);

const ESCAPE = /^%[0-9A-Fa-f]{2}/;

function decodeComponent(component: string): Buffer | null {
  const chunks: Buffer[] = [];
  for (let at = 0; at < component.length; ) {
    const percent = component.indexOf("%", at);
    const end = percent < 0 ? component.length : percent;
    if (end > at) chunks.push(Buffer.from(component.slice(at, end), "utf8"));
    if (percent < 0) break;
    const triplet = component.slice(percent, percent + "%00".length);
    if (!ESCAPE.test(triplet)) return null;
    chunks.push(Buffer.from(triplet.slice(1), "hex"));
    at = percent + triplet.length;
  }
  return Buffer.concat(chunks);
}

const LITERAL = /^[A-Za-z0-9\-._~]$/;

function encodeComponent(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const letter = String.fromCharCode(byte);
    text += LITERAL.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
