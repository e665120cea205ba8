/**
 * Removes variables without a value. An empty one counts as unset everywhere, also in libraries and in the programs that
 * are started: scripts and CI systems set what they do not know to nothing.
 */
export function dropEmptyVariables(env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(env)) if (value === "") delete env[name];
}
