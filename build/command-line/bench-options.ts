import type { Argv } from "yargs";
import { BASELINES, type Baseline } from "../bench/baselines.ts";
import { RESULTS_FILE } from "../bench/results.ts";
import { matrixOptions } from "./options.ts";

/** `--memory 512,1024` as numbers, each of them once. */
const numbers = (description: string) =>
  ({
    array: true,
    string: true,
    requiresArg: true,
    description,
    coerce: (values: readonly string[] | undefined) =>
      values && [
        ...new Set(
          values
            .flatMap((value) => String(value).split(","))
            .filter(Boolean)
            .map(Number),
        ),
      ],
  }) as const;

/** As the lists of the matrix: `a,b` is `a b`. */
const split = <T extends string>(values: readonly string[] | undefined) =>
  values?.flatMap((each) => String(each).split(",")) as T[] | undefined;

/** The options of `mkimage bench`, with examples. */
export const benchOptions = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("memory", numbers("Memory sizes in MB, from 128 to 10240 [default: as configured]"))
    .option("tokens", numbers("Tokens of each text that is sent, about [default: 16]"))
    .option("batch", numbers("Texts in one request [default: 1]"))
    .option("precision", {
      string: true,
      requiresArg: true,
      default: "5%",
      description: "How far the ends of a median's 95 % interval may be from it",
    })
    .option("max-time", {
      number: true,
      requiresArg: true,
      default: 900,
      description: "Seconds after which the intervals stay as wide as they are",
    })
    .option("results", {
      string: true,
      requiresArg: true,
      description: `File that results are appended to [default: ${RESULTS_FILE}]`,
    })
    .option("resume", {
      boolean: true,
      default: false,
      description: "Go on with the last run: measure what it has not",
    })
    .option("against", {
      string: true,
      requiresArg: true,
      description:
        "Compare with the `last` run or the run of this id; slower beyond the intervals: exit code 1",
    })
    .option("baseline", {
      array: true,
      requiresArg: true,
      choices: BASELINES,
      description:
        "Measure beside the images, in the same run: transformers.js or ONNX Runtime in Python, with the model as published, or the session alone",
      coerce: split<Baseline>,
    })
    .option("target", {
      choices: ["local", "lambda"] as const,
      default: "local" as const,
      requiresArg: true,
      description: "Where it is measured: on this machine, or in Lambda, in functions made for it",
    })
    .option("max-cost", {
      number: true,
      requiresArg: true,
      description: "Lambda: dollars that the run may cost; it stops before the round that would exceed them",
    })
    .option("yes", { boolean: true, default: false, description: "Lambda: do not ask whether it may cost" })
    .option("snap-start", {
      array: true,
      requiresArg: true,
      choices: ["on", "off"] as const,
      description: "Lambda: with a snapshot, without, or both [default: as the function has it]",
      coerce: split<"on" | "off">,
    })
    .option("concurrency", {
      number: true,
      requiresArg: true,
      description: "Lambda: also measure the throughput of so many callers at a time",
    })
    .example(
      "$0 bench --target lambda --function embed --memory 512,1024 --max-cost 0.50",
      "the deployed function in Lambda itself",
    )
    .example("$0 bench", "every built image, with Lambda's limits")
    .example("$0 bench --memory 512,1024,1769 --tokens 16,128 --batch 1,8", "a grid")
    .example("$0 bench --baseline transformers.js,python", "against what is usually deployed")
    .example("$0 bench --quantization fp32,int8 --against last", "regressions end with exit code 1");
