/** Commands as a person can copy them: with the config folder that was given, and quoted for a shell where needed. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

export function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `graphform VERB --config DIR words`; the folder is left out where it is the present one. */
export function commandLine(configDir: string, verb: string, ...words: readonly string[]): string {
  const folder = configDir === "." ? [] : ["--config", configDir];
  return ["graphform", verb, ...folder, ...words].map(quoted).join(" ");
}
