/** The URL of an API: https, or http to this machine only, because a token must not travel in the clear. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The version that the client adds to every path; whoever copies the URL of a route brings it along. */
const VERSION = /\/v1$/;

/** The URL without a slash and without the version of the API at its end, or null. */
export function apiUrl(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  if (!isSafe || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return null;
  return url.href.replace(/\/+$/, "").replace(VERSION, "");
}

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);
}
