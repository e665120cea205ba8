import { LIMITS, type Limit } from "../smoke/limits.ts";
import { GENERATED } from "./generated.ts";

/** The limits that images run with, and where each comes from. */
export function limitsReference(): string {
  const rows = Object.values<Limit>(LIMITS).map(({ what, value, how, source }) => {
    const link = source.startsWith("https://") ? `[AWS](${source})` : source;
    return `| ${what} | ${value} | ${how} | ${link.replace("[AWS](https://github.com", "[issue](https://github.com")} |`;
  });
  return [
    GENERATED,
    "# Limits of the sandbox",
    "`mkimage test`, `invoke` and `up` run an image under the runtime interface emulator (RIE) with the limits that a function " +
      "has in Lambda; [test.md](test.md) has what is tested in it. test/integration/limits.test.ts has a program for each that tries to get beyond it.",
    ["| limit | value | set by | source |", "|---|---|---|---|", ...rows].join("\n"),
    "`memory`, `deploy.timeout` and `deploy.ephemeralStorage` of a function in mkimage.json count here too; `--memory`, `--timeout`, " +
      "`--tmp` and `--network` of `test` and `invoke` replace them. What the engine's machine has fewer of (processors, memory) is not made up for.",
  ].join("\n\n");
}
