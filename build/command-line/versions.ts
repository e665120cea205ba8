import { arch, release, type } from "node:os";
import { nodesIn } from "../clients/builder-nodes.ts";
import { ask } from "../processes/tools.ts";
import { TOOL_VERSION } from "../tool-root.ts";

const field = (text: string | undefined, name: string): string | undefined =>
  text
    ?.split("\n")
    .find((line) => line.trimStart().startsWith(`${name}:`))
    ?.split(":")
    .slice(1)
    .join(":")
    .trim();

/** The versions that a bug report needs, a line each; what does not answer is said, and is no error. */
export async function versions(): Promise<string> {
  const [client, engine, buildx, builder] = await Promise.all([
    ask("docker", "version", "--format", "{{.Client.Version}}"),
    ask("docker", "info", "--format", "{{.ServerVersion}}, {{.Driver}}, {{.OSType}}/{{.Architecture}}"),
    ask("docker", "buildx", "version"),
    ask("docker", "buildx", "inspect"),
  ]).catch(() => []);
  const driver = field(builder, "Driver");
  const buildkit = [...new Set(nodesIn(builder ?? "").flatMap((node) => node.buildkit ?? []))].join(" and ");
  const rows = {
    mkimage: TOOL_VERSION,
    node: process.version,
    system: `${type()} ${release()} ${arch()}`,
    docker: client?.trim(),
    engine: engine?.trim(),
    buildx: buildx?.trim(),
    builder:
      driver &&
      `${field(builder, "Name")}, driver ${driver}, BuildKit ${buildkit || "of an unknown version"}`,
  };
  return Object.entries(rows)
    .map(([name, found]) => `${name.padEnd(8)} ${found || "does not answer"}`)
    .join("\n");
}
