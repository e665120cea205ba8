/**
 * Stands in the compiled tool for packages that dockerode loads for what mkimage does not use: its own SSH client, whose
 * native part would be compiled at every installation (an engine behind SSH is reached through the docker command,
 * `connectDocker`), and sessions for registries' logins by gRPC.
 */
export {};
