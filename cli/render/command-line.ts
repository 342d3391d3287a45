/** Commands as a person can copy them: with the config folder that was given, and quoted for a shell where needed. */
import { printable } from "./printable.ts";

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Where a command runs: on a config folder, and on a deployment if it has an API. A text is a config folder. */
export type Place =
  | string
  | { readonly config_dir: string; readonly api?: { readonly words: readonly string[] } | undefined };

/** What cannot be shown is written as an escape, so that the command stays one line; copied, it names nothing. */
export function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${printable(word).replaceAll("'", "'\\''")}'`;
}

/** `graphform VERB --config DIR words`; what is so without being said is left out. */
export function commandLine(place: Place, verb: string, ...words: readonly string[]): string {
  const { config_dir, api } = typeof place === "string" ? { config_dir: place, api: undefined } : place;
  const folder = config_dir === "." ? [] : ["--config", config_dir];
  return ["graphform", ...verb.split(" "), ...(api?.words ?? []), ...folder, ...words].map(quoted).join(" ");
}
