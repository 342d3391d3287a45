/** The limits that hold for every file that is read, whoever reads it (reliability 4.2). */

/** The deepest nesting of YAML that any caller may allow; the parser is safe far beyond it. */
export const YAML_DEPTH_MAX = 32;
