/** A word as a POSIX shell reads it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command line that sends a request to a door. */
export const curlLine = (url: string, request: unknown): string =>
  `curl ${url} -H 'content-type: application/json' -d ${quoted(JSON.stringify(request))}`;
