/** A key as it is typed on a command line: quoted where a shell would read something else. */
export const shellWord = (text: string): string =>
  /^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** The same as a word of its own: one that begins with a dash is no option. */
export const keyWord = (key: string): string =>
  key.startsWith('-') ? `-- ${shellWord(key)}` : shellWord(key)
