import type { Rule } from "../smoke/rules/rule.ts";
import { RULES } from "../smoke/rules/rules.ts";
import { GENERATED } from "./generated.ts";

const ruleRow = ({ name, rule, why, source, cure, level }: Rule): string =>
  `| \`${name}\`${level === "advice" ? " (advice)" : ""} | ${rule} | ${why} | ${cure} | [source](${source}) |`;

/** The rules for images, and how an image is tested that mkimage has not made. */
export const rulesReference = (): string =>
  [
    GENERATED,
    "# Rules for images",
    "`mkimage test` and `mkimage push` check every image against these rules before anything of it is started, and refuse one " +
      "that breaks a rule (exit 1). Advice is told, and refuses nothing. `mkimage inspect --rules` shows each rule with ✓, ✗, ! for " +
      "advice, or – where the image does not say it yet: an engine with the classic image store packs an image when it sends it.",
    ["| rule | | why | what to do | |", "|---|---|---|---|---|", ...RULES.map(ruleRow)].join("\n"),
    "## Any image",
    "`mkimage test --image REF --event event.json` and `mkimage inspect --rules --image REF` take any image of a Lambda function: a " +
      "reference in the engine's store or in a registry (pulled with Docker's credentials), a folder with an OCI image layout, or a tar of " +
      "one or of `docker save`. `--model NAME` sends the samples of models/NAME.json in place of an event.",
    "The image runs with Lambda's limits and without network. One that does not start the runtime interface emulator gets ours " +
      "mounted in front of its entry point, and one without Node is called by a second container that shares the network of the first. " +
      "Both come from the image `mkimage/caller`, which is built once.",
  ].join("\n\n");
